"""Pages over the API's functions: server-rendered, no external asset, a strict Content-Security-Policy."""
