"""What a program is made of: modules, classes, values, and what a vocabulary says of them."""
