// SPDX-License-Identifier: GPL-3.0-or-later
/* As much of ONNX Runtime's C interface as is used here. Its functions stand in a table to which releases only ever append, so
 * that a function's place in it is as fixed as its name; the table of an API version is had from each later library.
 * tests/test-onnx-api.sh compares places and types with the runtime's own header where that is installed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The first version whose table has all of these; libraries from 1.8 on (2021) have it. */
#define IE_ORT_API_VERSION 8

/* What only the library looks into. */
typedef struct IeOrtStatus IeOrtStatus;
typedef struct IeOrtEnv IeOrtEnv;
typedef struct IeOrtOptions IeOrtOptions;
typedef struct IeOrtSession IeOrtSession;
typedef struct IeOrtValue IeOrtValue;
typedef struct IeOrtTypeInfo IeOrtTypeInfo;
typedef struct IeOrtShapeInfo IeOrtShapeInfo;
typedef struct IeOrtMemoryInfo IeOrtMemoryInfo;
typedef struct IeOrtAllocator IeOrtAllocator;
typedef struct IeOrtRunOptions IeOrtRunOptions;

/* OrtGetApiBase() gives one. */
typedef struct {
  const void *(*get_api) (uint32_t version); /* NULL: the library is older */
  const char *(*get_version) (void);
} IeOrtBase;

/* Enumerations of the header, by value. */
enum {
  IE_ORT_LOG_FATAL = 4,
  IE_ORT_OPTIMISE_ALL = 99,
  IE_ORT_SEQUENTIAL = 0,
  IE_ORT_ARENA_ALLOCATOR = 1, /* OrtAllocatorType */
  IE_ORT_MEMORY_DEFAULT = 0,  /* OrtMemType */
  IE_ORT_FLOAT = 1,           /* ONNXTensorElementDataType */
  IE_ORT_INT32 = 6,
  IE_ORT_INT64 = 7,
  IE_ORT_NO_FILE = 3, /* OrtErrorCode */
  IE_ORT_INVALID_PROTOBUF = 7,
};

/* X (place, name, what it gives, arguments). A status that is not NULL is a failure, to be released. */
#define IE_ORT_FUNCTIONS(X)                                                                                            \
  X (1, GetErrorCode, int, (const IeOrtStatus *status))                                                                \
  X (2, GetErrorMessage, const char *, (const IeOrtStatus *status))                                                    \
  X (3, CreateEnv, IeOrtStatus *, (int log_level, const char *log_id, IeOrtEnv **env))                                 \
  X (6, DisableTelemetryEvents, IeOrtStatus *, (const IeOrtEnv *env))                                                  \
  X (7, CreateSession, IeOrtStatus *,                                                                                  \
     (const IeOrtEnv *env, const char *path, const IeOrtOptions *options, IeOrtSession **session))                     \
  X (9, Run, IeOrtStatus *,                                                                                            \
     (IeOrtSession *session, const IeOrtRunOptions *options, const char *const *input_names,                           \
      const IeOrtValue *const *inputs, size_t input_count, const char *const *output_names, size_t output_count,       \
      IeOrtValue **outputs))                                                                                           \
  X (10, CreateSessionOptions, IeOrtStatus *, (IeOrtOptions **options))                                                \
  X (13, SetSessionExecutionMode, IeOrtStatus *, (IeOrtOptions *options, int mode))                                    \
  X (22, SetSessionLogSeverityLevel, IeOrtStatus *, (IeOrtOptions *options, int level))                                \
  X (23, SetSessionGraphOptimizationLevel, IeOrtStatus *, (IeOrtOptions *options, int level))                          \
  X (24, SetIntraOpNumThreads, IeOrtStatus *, (IeOrtOptions *options, int threads))                                    \
  X (25, SetInterOpNumThreads, IeOrtStatus *, (IeOrtOptions *options, int threads))                                    \
  X (30, SessionGetInputCount, IeOrtStatus *, (const IeOrtSession *session, size_t *count))                            \
  X (31, SessionGetOutputCount, IeOrtStatus *, (const IeOrtSession *session, size_t *count))                           \
  X (33, SessionGetInputTypeInfo, IeOrtStatus *, (const IeOrtSession *session, size_t index, IeOrtTypeInfo **info))    \
  X (34, SessionGetOutputTypeInfo, IeOrtStatus *, (const IeOrtSession *session, size_t index, IeOrtTypeInfo **info))   \
  X (36, SessionGetInputName, IeOrtStatus *,                                                                           \
     (const IeOrtSession *session, size_t index, IeOrtAllocator *allocator, char **name))                              \
  X (37, SessionGetOutputName, IeOrtStatus *,                                                                          \
     (const IeOrtSession *session, size_t index, IeOrtAllocator *allocator, char **name))                              \
  X (49, CreateTensorWithDataAsOrtValue, IeOrtStatus *,                                                                \
     (const IeOrtMemoryInfo *memory, void *data, size_t bytes, const int64_t *shape, size_t rank, int type,            \
      IeOrtValue **value))                                                                                             \
  X (50, IsTensor, IeOrtStatus *, (const IeOrtValue *value, int *is))                                                  \
  X (51, GetTensorMutableData, IeOrtStatus *, (IeOrtValue *value, void **data))                                        \
  X (55, CastTypeInfoToTensorInfo, IeOrtStatus *, (const IeOrtTypeInfo *info, const IeOrtShapeInfo **shape))           \
  X (60, GetTensorElementType, IeOrtStatus *, (const IeOrtShapeInfo *shape, int *type))                                \
  X (61, GetDimensionsCount, IeOrtStatus *, (const IeOrtShapeInfo *shape, size_t *count))                              \
  X (62, GetDimensions, IeOrtStatus *, (const IeOrtShapeInfo *shape, int64_t *sizes, size_t count))                    \
  X (65, GetTensorTypeAndShape, IeOrtStatus *, (const IeOrtValue *value, IeOrtShapeInfo **shape))                      \
  X (69, CreateCpuMemoryInfo, IeOrtStatus *, (int allocator, int kind, IeOrtMemoryInfo **memory))                      \
  X (76, AllocatorFree, IeOrtStatus *, (IeOrtAllocator *allocator, void *data))                                        \
  X (78, GetAllocatorWithDefaultOptions, IeOrtStatus *, (IeOrtAllocator **allocator))                                  \
  X (92, ReleaseEnv, void, (IeOrtEnv *env))                                                                            \
  X (93, ReleaseStatus, void, (IeOrtStatus *status))                                                                   \
  X (94, ReleaseMemoryInfo, void, (IeOrtMemoryInfo *memory))                                                           \
  X (95, ReleaseSession, void, (IeOrtSession *session))                                                                \
  X (96, ReleaseValue, void, (IeOrtValue *value))                                                                      \
  X (98, ReleaseTypeInfo, void, (IeOrtTypeInfo *info))                                                                 \
  X (99, ReleaseTensorTypeAndShapeInfo, void, (IeOrtShapeInfo *shape))                                                 \
  X (100, ReleaseSessionOptions, void, (IeOrtOptions *options))                                                        \
  X (130, AddSessionConfigEntry, IeOrtStatus *, (IeOrtOptions *options, const char *key, const char *value))

/* The same functions by name: struct.Run (...). */
typedef struct {
#define IE_ORT_MEMBER(place, name, gives, arguments) gives (*name) arguments;
  IE_ORT_FUNCTIONS (IE_ORT_MEMBER)
#undef IE_ORT_MEMBER
} IeOrt;
