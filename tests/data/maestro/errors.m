Constant Wide 16;
Network x {
  Layer a { Typ: CONV Dimensions { K: 1 } }
  Layer b { Type: CONV Dimensions { K: 1, C: Wid, Y: -3, X: 99999999999999999999 } }
  Layer c { Type: CONV Dimensions { K: 1, K: 2, C: 4, Y: 4 X } }
  Layer d { Type: CONV Stride { K: 2 } Dimensions { K: 1, C: 4, Y: 4, X: 4, Q: 1 } }
  Layer e { Type: CONV Dimensions { K: 2147483648, C: 2147483648, Y: 4, X: 4 } }
  Layer f { Dimensions { K: 1 }
  Layer g { Type: GEMM Dimensions { K: 3 } }
  Layr h { Type: CONV }
  Layer i Type: CONV }
}
}
