#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# embed/onnx-api.h says where in ONNX Runtime's table of functions those stand that we call, and what they take: compared with the
# runtime's own header where there is one (Debian 13: libonnxruntime-dev; $IMGENHANCE_ONNX_INCLUDE: its folder).
set -u
: "${SOURCE:=$(cd "$(dirname "$0")/.." && pwd)}"
. "$SOURCE/tests/tap.sh"

header=onnxruntime_c_api.h
include=
for folder in "${IMGENHANCE_ONNX_INCLUDE:-}" /usr/include/onnxruntime /usr/include/onnxruntime/core/session /usr/local/include/onnxruntime \
  /usr/local/include; do
  [ -z "$include" ] && [ -n "$folder" ] && [ -f "$folder/$header" ] && include=$folder
done
compiler=${CC:-cc}
if [ -z "$include" ]; then
  skip "places in the table of functions are the header's" "there is no $header (libonnxruntime-dev, or IMGENHANCE_ONNX_INCLUDE)"
  finish
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Types that are opaque to us are called like theirs, then each function's type must be theirs, too.
cat >"$scratch/check.c" <<'END'
#include <stddef.h>
#include "onnxruntime_c_api.h"
#define IeOrtStatus OrtStatus
#define IeOrtEnv OrtEnv
#define IeOrtOptions OrtSessionOptions
#define IeOrtSession OrtSession
#define IeOrtValue OrtValue
#define IeOrtTypeInfo OrtTypeInfo
#define IeOrtShapeInfo OrtTensorTypeAndShapeInfo
#define IeOrtMemoryInfo OrtMemoryInfo
#define IeOrtAllocator OrtAllocator
#define IeOrtRunOptions OrtRunOptions
#include "embed/onnx-api.h"
#define PLACE(place, name, gives, arguments) \
  _Static_assert (offsetof (OrtApi, name) == (place) * sizeof (void *), #name " stands elsewhere");
IE_ORT_FUNCTIONS (PLACE)
_Static_assert (IE_ORT_API_VERSION <= ORT_API_VERSION, "a version that is not there yet");
_Static_assert (offsetof (OrtApiBase, GetApi) == offsetof (IeOrtBase, get_api)
                && offsetof (OrtApiBase, GetVersionString) == offsetof (IeOrtBase, get_version), "the base");
_Static_assert (IE_ORT_LOG_FATAL == ORT_LOGGING_LEVEL_FATAL && IE_ORT_OPTIMISE_ALL == ORT_ENABLE_ALL
                && IE_ORT_SEQUENTIAL == ORT_SEQUENTIAL && IE_ORT_ARENA_ALLOCATOR == OrtArenaAllocator
                && IE_ORT_MEMORY_DEFAULT == OrtMemTypeDefault && IE_ORT_FLOAT == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
                && IE_ORT_INT32 == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 && IE_ORT_INT64 == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
                && IE_ORT_NO_FILE == ORT_NO_SUCHFILE && IE_ORT_INVALID_PROTOBUF == ORT_INVALID_PROTOBUF, "values");
/* Enumerations are int in C's calls; all else must be the same type. */
#define TYPE(place, name, gives, arguments) \
  void check_##name (const OrtApi *theirs, IeOrt *ours); \
  void check_##name (const OrtApi *theirs, IeOrt *ours) { ours->name = theirs->name; }
IE_ORT_FUNCTIONS (TYPE)
END
compiles () {
  # shellcheck disable=SC2086 # a command with arguments
  $compiler -std=c17 -Wall -Wno-attributes -Werror=incompatible-pointer-types -I "$include" -I "$SOURCE" -c "$scratch/$1.c" -o "$scratch/$1.o" \
    2>"$scratch/said"
  status=$?
  grep -E 'error|stands' "$scratch/said" | head -n 5
  return $status
}
fails () {
  ! compiles "$1" >/dev/null
}
# Enumerations in the arguments make a pointer to a function another type, though it is called alike: left out by name.
sed -i 's/^IE_ORT_FUNCTIONS (TYPE)$/#define SAME(name) TYPE (0, name, 0, 0)/' "$scratch/check.c"
for name in GetErrorMessage DisableTelemetryEvents CreateSession Run CreateSessionOptions SetIntraOpNumThreads SetInterOpNumThreads \
  SessionGetInputCount SessionGetOutputCount SessionGetInputTypeInfo SessionGetOutputTypeInfo SessionGetInputName \
  SessionGetOutputName IsTensor GetTensorMutableData CastTypeInfoToTensorInfo GetDimensionsCount GetDimensions GetTensorTypeAndShape \
  AllocatorFree GetAllocatorWithDefaultOptions ReleaseEnv ReleaseStatus ReleaseMemoryInfo ReleaseSession ReleaseValue ReleaseTypeInfo \
  ReleaseTensorTypeAndShapeInfo ReleaseSessionOptions AddSessionConfigEntry; do
  echo "SAME ($name)" >>"$scratch/check.c"
done
check "places and types of the functions are those of $include/$header" compiles check
sed 's/X (9, Run/X (11, Run/' "$SOURCE/embed/onnx-api.h" >"$scratch/wrong.h"
sed 's|"embed/onnx-api.h"|"wrong.h"|' "$scratch/check.c" >"$scratch/wrong.c"
check "a wrong place would be found" fails wrong
sed 's/char \*\*name))/const int *name))/' "$SOURCE/embed/onnx-api.h" >"$scratch/wrong.h"
check "a wrong type would be found" fails wrong
finish
