"""The names of the wizard's pages, as they stand in its addresses (R41-R47)."""

CHILD = "child"  # with the applicant (D70)
WAY, SCHOOL, TRANSPORT = "way", "school", "transport"
DOCUMENTS, REVIEW = "documents", "review"
DETAILS = "details"  # of an in-person application: what stands on its form, on one page
