"""The applicant's pages, a file for each noun."""
