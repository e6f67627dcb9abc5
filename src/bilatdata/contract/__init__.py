"""The contract: Table Schema, the rules it cannot say, and pandera schemas made of both."""
