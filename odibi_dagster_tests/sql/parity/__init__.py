"""The proof that the compiler says what Spark says: cases, what Spark answered, and who compares them."""
