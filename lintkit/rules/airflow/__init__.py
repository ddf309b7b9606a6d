"""Rules about Apache Airflow and its charts."""
