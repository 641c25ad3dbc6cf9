// Networks, rates and cascades of XRBench's scenario social_interactionA (XRBench-MLSys2023, MIT), with one layer each for the tests.

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
FPS: 60

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network DR_RGBd_200 {

FPS: 30

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network HT_hand_graph_cnn_half {

FPS: 30

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}
