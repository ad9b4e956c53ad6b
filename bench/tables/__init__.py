"""Tables of the page, a file each."""
