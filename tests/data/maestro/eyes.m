// The first two layers of XRBench's eye segmentation (XRBench-MLSys2023, MIT): figures that the shipped table has, too.
Network ES_RITNet {

FPS: 60

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 32, C: 32, Y: 160, X: 100, R: 3, S: 3 }
}

Layer conv2 { 
	Type: CONV
	Dimensions: { N: 1, K: 32, C: 32, Y: 160, X: 100, R: 1, S: 1 }
}

}
