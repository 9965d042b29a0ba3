"""What is kept: state in one database, records in Parquet files that it catalogues, artifacts by their digest."""
