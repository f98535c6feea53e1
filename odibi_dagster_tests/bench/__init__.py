"""How fast the platform is, beside what does less: `make bench`, described in docs/bench.md."""
