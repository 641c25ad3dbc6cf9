// A network with every type of layer that has a shape; written for the tests, in MAESTRO's grammar.
Constant Tokens 128;
Constant Heads 8;

/* Sizes are
   small, so that they can be checked by hand. */
Network letters {
	Layer first {
		Type: CONV
		Stride { X: 2, Y: 2 }
		Dimensions { K: 16, C: 3 R: 3, S: 3, Y:33, X:65 }
		Dataflow {
			SpatialMap(1,1) K;
			TemporalMap(Sz(R),1) Y;
			TemporalMap(1,1) X'; //'
			Cluster(64, P);
		}
	} // the first

	Layer depthwise {
		Type: DSCONV
		Dimensions: { N: 1, K: 1, C: 16, R: 3, S: 3, Y: 16, X: 32 }
	}

	Layer grouped {
		Type: NGCONV
		Dimensions { G: 4, K: 8, C: 16, R: 1, S: 1, Y: 14, X: 30 }
	}

	Layer up {
		Type: TRCONV
		Dimensions { K: 8, C: 32, R: 2, S: 2, Y: 14, X: 30 }
	}

	Layer product {
		Type: GEMM
		Dimensions { M: Tokens, N: 64, K: 256 }
	}

	Layer scores {
		Type: BMM
		Dimensions { B: Heads, M: Tokens, N: Tokens, K: 32 }
	}

	Layer tiled {
		Type: CONV
		Dimensions { K: 4, C: 4, R: 3, S: 5, Y': 20, X': 10 }
	}
}
