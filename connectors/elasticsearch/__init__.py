"""The storage ports on Elasticsearch 8.19+ and 9.x, and on OpenSearch 2.19+ and 3.x."""
