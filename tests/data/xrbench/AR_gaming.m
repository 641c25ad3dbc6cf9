// Networks, rates and cascades of XRBench's scenario AR_gaming (XRBench-MLSys2023, MIT), with one layer each for the tests.

Network HT_hand_graph_cnn_half {

FPS: 45

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network DE_midas_v21_small {

FPS: 30

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network PD_Plane_RCNN_Quarter {

FPS: 15

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}
