// Networks, rates and cascades of XRBench's scenario VR_gaming (XRBench-MLSys2023, MIT), with one layer each for the tests.

Network ES_RITNet {

FPS: 60

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network GE_FBNet_C {

Dependency: {
	ES_RITNet	
}
Probability: 1.0
FPS: 60

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network HT_hand_graph_cnn_half {

FPS: 45

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}
