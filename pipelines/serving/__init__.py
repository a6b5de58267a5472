"""What is answered over HTTP: the pages of `newswire serve`; and the server that every process uses that stays."""
