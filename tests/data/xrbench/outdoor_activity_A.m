// Networks, rates and cascades of XRBench's scenario outdoor_activity_A (XRBench-MLSys2023, MIT), with one layer each for the tests.

Network KD_res8_narrow {

FPS: 3

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network ASR_EM_24L {

Dependency: {
	KD_res8_narrow	
}
Probability: 0.2
FPS: 3

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network SS_HRViT_b1 {

FPS: 10

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}

Network OD_D2go_FasterRCNN {

FPS: 30

Layer conv1 { 
	Type: CONV
	Dimensions: { N: 1, K: 8, C: 4, Y: 12, X: 10, R: 3, S: 3 }
}

}
