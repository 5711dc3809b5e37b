"""The step that takes away what a rejected upload leaves."""
