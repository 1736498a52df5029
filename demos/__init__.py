"""The live demos: what runs behind them (`server`), the arithmetic (`kitchen`), the browser code (`web`)."""
