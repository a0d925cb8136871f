# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of the library for Python (embed/search.h, embed/matrix.h), for the benchmark and for tests/oracle/search.py."""
import ctypes


class Hit(ctypes.Structure):
    _fields_ = [("row", ctypes.c_uint32), ("score", ctypes.c_float)]


class Vectors(ctypes.Structure):
    _fields_ = [("count", ctypes.c_uint32), ("dimensions", ctypes.c_int), ("floats", ctypes.c_void_p),
                ("codes", ctypes.c_void_p), ("scales", ctypes.c_void_p)]


PairFound = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_int32)


def load(path):
    library = ctypes.CDLL(path)
    library.ie_search_many.restype = ctypes.c_uint
    library.ie_search_many.argtypes = [ctypes.POINTER(Vectors), ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint,
                                       ctypes.c_int, ctypes.POINTER(Hit)]
    library.ie_search_codes_many.restype = ctypes.c_uint
    library.ie_search_codes_many.argtypes = [ctypes.POINTER(Vectors), ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_int,
                                             ctypes.POINTER(Hit)]
    library.ie_search_pairs.restype = ctypes.c_int
    library.ie_search_pairs.argtypes = [ctypes.POINTER(Vectors), ctypes.c_int32, ctypes.c_int, ctypes.c_void_p, PairFound,
                                        ctypes.c_void_p]
    library.ie_matrix_write.restype = ctypes.c_int
    library.ie_matrix_write.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_char_p, ctypes.POINTER(Vectors),
                                        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.ie_matrix_open.restype = ctypes.c_void_p
    library.ie_matrix_open.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]
    library.ie_matrix_vectors.restype = ctypes.POINTER(Vectors)
    library.ie_matrix_vectors.argtypes = [ctypes.c_void_p]
    return library
