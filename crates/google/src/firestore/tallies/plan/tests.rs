//! Plans, without a database.
