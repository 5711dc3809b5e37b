"""The step that removes what a rejected upload leaves."""
