"""What must be kept until when, and when the holder is to be asked before it may go (F7)."""
