"""Files that other systems export become records, by mapping files. Pure but for reading the file that is named."""
