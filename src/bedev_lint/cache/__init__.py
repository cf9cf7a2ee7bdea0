"""What is kept from one run to the next: answers, and what is known of files and programs."""
