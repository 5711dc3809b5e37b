"""What image delivery's edge function, its functions, its construct and the tools that sign URLs agree on."""
