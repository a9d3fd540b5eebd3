"""Reading, looking up, collecting: every published question, and what somebody keeps beside each."""
