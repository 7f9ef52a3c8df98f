"""What verbs found, as files to keep: pictures, and one page with all of them."""
