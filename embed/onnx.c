// SPDX-License-Identifier: GPL-3.0-or-later
/* ONNX Runtime by dlopen() and OrtGetApiBase(): its symbols are versioned by release, so that a program linked to one release
 * does not start with another. */
#include "embed/onnx.h"

#include <dlfcn.h>
#include <string.h>

#include "core/error.h"
#include "core/i18n.h"
#include "embed/onnx-api.h"

#define LIBRARY "libonnxruntime.so"
/* Debian's library is called by its release alone (.so.1.21). */
#define NEWEST 60
#define OLDEST 8
#define MOST_ELEMENTS ((gint64) 1 << 28) /* of an output: 1 GiB */

struct IeOnnx {
  IeOrt ort;
  IeOrtEnv *env;
  IeOrtMemoryInfo *memory;
  IeOrtAllocator *allocator;
  char *version, *file;
};

/* ---- the library ---- */

/* Those of the user's own, the newest name last; g_free(). */
static char *
of_user (void)
{
  char *folder = g_build_filename (g_get_user_data_dir (), "imgenhance", NULL), *best = NULL;
  GDir *dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (g_str_has_prefix (name, LIBRARY) && (!best || strcmp (name, best) > 0)) {
      g_free (best);
      best = g_strdup (name);
    }
  char *path = best ? g_build_filename (folder, best, NULL) : NULL;
  if (dir)
    g_dir_close (dir);
  g_free (best);
  g_free (folder);
  return path;
}

static gpointer
of_system (void)
{
  gpointer handle = dlopen (LIBRARY ".1", RTLD_NOW | RTLD_LOCAL);
  for (int release = NEWEST; !handle && release >= OLDEST; release--) {
    char name[40];
    g_snprintf (name, sizeof name, LIBRARY ".1.%d", release);
    handle = dlopen (name, RTLD_NOW | RTLD_LOCAL);
  }
  return handle ? handle : dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);
}

static gpointer
find_library (const char *library, GError **error)
{
  const char *named = library && *library ? library : g_getenv ("IMGENHANCE_ONNXRUNTIME");
  if (named && *named) {
    gpointer handle = dlopen (named, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("ONNX Runtime is not available: %s"), dlerror ());
    return handle;
  }
  gpointer handle = of_system ();
  char *user = handle ? NULL : of_user ();
  if (user)
    handle = dlopen (user, RTLD_NOW | RTLD_LOCAL);
  if (!handle && user)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("ONNX Runtime is not available: %s"), dlerror ());
  else if (!handle) {
    char *place = g_build_filename (g_get_user_data_dir (), "imgenhance", NULL);
    g_set_error (
        error, IE_ERROR, IE_ERROR_USAGE,
        _ ("ONNX Runtime is not available: install libonnxruntime1.21 (Debian 13) or libonnxruntime1.23 (later); on "
           "Debian 12 put libonnxruntime.so.1 of the packages onnxruntime of PyPI or onnxruntime-node of npm into %s, or name "
           "it in IMGENHANCE_ONNXRUNTIME"),
        place);
    g_free (place);
  }
  g_free (user);
  return handle;
}

/* What a failed call says, as one line; takes the status. */
static void
explain (const IeOnnx *onnx, IeOrtStatus *status, GError **error)
{
  const char *text = onnx->ort.GetErrorMessage (status);
  int code = onnx->ort.GetErrorCode (status);
  char *line = g_utf8_make_valid (text ? text : "", -1), *at = line;
  for (char *c = line; *c; c++)
    if ((guchar) *c < ' ' || *c == 0x7f)
      *c = ' ';
  if (g_str_has_prefix (at, "Load model from ")) { /* FILE failed:REASON */
    char *reason = strstr (at, " failed:");
    at = reason ? reason + strlen (" failed:") : at;
  }
  char *place = strstr (at, ".cc:"),
       *close = place ? g_strrstr (place, ") ") : NULL; /* FILE.cc:LINE FUNCTION (...) REASON */
  at = g_strstrip (close ? close + 2 : at);
  if (g_utf8_strlen (at, -1) > 240)
    strcpy (g_utf8_offset_to_pointer (at, 236), "...");
  if (code == IE_ORT_INVALID_PROTOBUF)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("is no ONNX model"));
  else if (strstr (at, "bad_alloc") || strstr (at, "bad allocation") || strstr (at, "allocate memory"))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY,
                         _ ("the model needs more memory than it may take; --model-memory gives more"));
  else
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "ONNX Runtime: %s", at);
  g_free (line);
  onnx->ort.ReleaseStatus (status);
}

static gboolean
good (const IeOnnx *onnx, IeOrtStatus *status, GError **error)
{
  if (status)
    explain (onnx, status, error);
  return !status;
}

static gboolean
begin (IeOnnx *onnx, GError **error)
{
  IeOrt *ort = &onnx->ort;
  return good (onnx, ort->CreateEnv (IE_ORT_LOG_FATAL, "imgenhance", &onnx->env), error) &&
         good (onnx, ort->DisableTelemetryEvents (onnx->env), error) &&
         good (onnx, ort->CreateCpuMemoryInfo (IE_ORT_ARENA_ALLOCATOR, IE_ORT_MEMORY_DEFAULT, &onnx->memory), error) &&
         good (onnx, ort->GetAllocatorWithDefaultOptions (&onnx->allocator), error);
}

IeOnnx *
ie_onnx_load (const char *library, GError **error)
{
  gpointer handle = find_library (library, error);
  if (!handle)
    return NULL;
  const IeOrtBase *(*get_base) (void) = NULL;
  *(gpointer *) &get_base = dlsym (handle, "OrtGetApiBase");
  const IeOrtBase *base = get_base ? get_base () : NULL;
  const void *const *table = base ? base->get_api (IE_ORT_API_VERSION) : NULL;
  if (!table) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("ONNX Runtime is not available: the library is %s"),
                 base ? _ ("older than 1.8") : _ ("no ONNX Runtime"));
    return NULL;
  }
  IeOnnx *onnx = g_new0 (IeOnnx, 1);
#define TAKE(place, name, gives, arguments) *(const void **) &onnx->ort.name = table[place];
  IE_ORT_FUNCTIONS (TAKE)
#undef TAKE
  Dl_info where;
  onnx->version = g_strdup (base->get_version ());
  onnx->file = g_strdup (dladdr (*(gpointer *) &get_base, &where) && where.dli_fname ? where.dli_fname : LIBRARY);
  if (begin (onnx, error))
    return onnx;
  g_free (onnx->version);
  g_free (onnx->file);
  g_free (onnx);
  return NULL;
}

const char *
ie_onnx_version (const IeOnnx *onnx)
{
  return onnx->version;
}

const char *
ie_onnx_file (const IeOnnx *onnx)
{
  return onnx->file;
}

/* ---- sessions ---- */

static gboolean
read_shape (const IeOnnx *onnx, const IeOrtShapeInfo *info, IeOnnxPort *port, GError **error)
{
  size_t rank = 0;
  if (!good (onnx, onnx->ort.GetTensorElementType (info, &port->type), error) ||
      !good (onnx, onnx->ort.GetDimensionsCount (info, &rank), error))
    return FALSE;
  port->rank = rank <= IE_ONNX_MOST_RANK ? (int) rank : -1;
  return port->rank <= 0 || good (onnx, onnx->ort.GetDimensions (info, port->shape, rank), error);
}

static gboolean
read_port (IeOnnxSession *session, int index, gboolean input, IeOnnxPort *port, GError **error)
{
  const IeOnnx *onnx = session->onnx;
  const IeOrt *ort = &onnx->ort;
  IeOrtTypeInfo *info = NULL;
  const IeOrtShapeInfo *shape = NULL;
  char *name = NULL;
  if (!good (onnx,
             (input ? ort->SessionGetInputName : ort->SessionGetOutputName) (session->session, (size_t) index,
                                                                             onnx->allocator, &name),
             error))
    return FALSE;
  port->name = g_strdup (name);
  ort->AllocatorFree (onnx->allocator, name);
  gboolean read = good (onnx,
                        (input ? ort->SessionGetInputTypeInfo : ort->SessionGetOutputTypeInfo) (session->session,
                                                                                                (size_t) index, &info),
                        error) &&
                  good (onnx, ort->CastTypeInfoToTensorInfo (info, &shape), error) &&
                  (!shape || read_shape (onnx, shape, port, error)); /* no shape: no tensor */
  if (info)
    ort->ReleaseTypeInfo (info);
  return read;
}

static gboolean
read_ports (IeOnnxSession *session, GError **error)
{
  size_t inputs = 0, outputs = 0;
  const IeOrt *ort = &session->onnx->ort;
  if (!good (session->onnx, ort->SessionGetInputCount (session->session, &inputs), error) ||
      !good (session->onnx, ort->SessionGetOutputCount (session->session, &outputs), error))
    return FALSE;
  session->input = g_new0 (IeOnnxPort, inputs);
  session->output = g_new0 (IeOnnxPort, outputs);
  session->inputs = (int) inputs;
  session->outputs = (int) outputs;
  for (int i = 0; i < session->inputs; i++)
    if (!read_port (session, i, TRUE, &session->input[i], error))
      return FALSE;
  for (int i = 0; i < session->outputs; i++)
    if (!read_port (session, i, FALSE, &session->output[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
create (IeOnnxSession *session, const char *path, int threads, GError **error)
{
  const IeOnnx *onnx = session->onnx;
  const IeOrt *ort = &onnx->ort;
  IeOrtOptions *options = NULL;
  IeOrtSession *made = NULL;
  /* Threads that spin while there is nothing to do take the processor from those that decode. */
  gboolean created = good (onnx, ort->CreateSessionOptions (&options), error) &&
                     good (onnx, ort->SetSessionLogSeverityLevel (options, IE_ORT_LOG_FATAL), error) &&
                     good (onnx, ort->SetSessionExecutionMode (options, IE_ORT_SEQUENTIAL), error) &&
                     good (onnx, ort->SetSessionGraphOptimizationLevel (options, IE_ORT_OPTIMISE_ALL), error) &&
                     good (onnx, ort->SetIntraOpNumThreads (options, threads), error) &&
                     good (onnx, ort->SetInterOpNumThreads (options, 1), error) &&
                     good (onnx, ort->AddSessionConfigEntry (options, "session.intra_op.allow_spinning", "0"), error) &&
                     good (onnx, ort->CreateSession (onnx->env, path, options, &made), error);
  session->session = made;
  if (options)
    ort->ReleaseSessionOptions (options);
  return created;
}

IeOnnxSession *
ie_onnx_open (IeOnnx *onnx, const char *path, int threads, GError **error)
{
  IeOnnxSession *session = g_new0 (IeOnnxSession, 1);
  session->onnx = onnx;
  if (create (session, path, threads, error) && read_ports (session, error))
    return session;
  ie_onnx_close (session);
  return NULL;
}

void
ie_onnx_close (IeOnnxSession *session)
{
  for (int i = 0; i < session->inputs; i++)
    g_free (session->input[i].name);
  for (int i = 0; i < session->outputs; i++)
    g_free (session->output[i].name);
  g_free (session->input);
  g_free (session->output);
  if (session->session)
    session->onnx->ort.ReleaseSession (session->session);
  g_free (session);
}

/* ---- a run ---- */

static gint64
elements (const IeOnnxPort *port)
{
  gint64 count = port->rank < 0 ? 0 : 1;
  for (int i = 0; i < port->rank; i++)
    count = port->shape[i] > 0 && count <= MOST_ELEMENTS / port->shape[i] ? count * port->shape[i] : 0;
  return count;
}

static float *
take_output (const IeOnnx *onnx, IeOrtValue *value, IeOnnxPort *shape, GError **error)
{
  IeOrtShapeInfo *info = NULL;
  void *data = NULL;
  int tensor = 0;
  if (!good (onnx, onnx->ort.IsTensor (value, &tensor), error))
    return NULL;
  if (tensor && !good (onnx, onnx->ort.GetTensorTypeAndShape (value, &info), error))
    return NULL;
  gboolean read = !tensor || read_shape (onnx, info, shape, error);
  if (info)
    onnx->ort.ReleaseTensorTypeAndShapeInfo (info);
  if (!read)
    return NULL;
  gint64 count = tensor && shape->type == IE_ORT_FLOAT ? elements (shape) : 0;
  if (count <= 0) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model's output is no array of floats"));
    return NULL;
  }
  return good (onnx, onnx->ort.GetTensorMutableData (value, &data), error)
             ? g_memdup2 (data, (gsize) count * sizeof (float))
             : NULL;
}

float *
ie_onnx_run (IeOnnxSession *session, const IeOnnxFeed *feeds, int output, IeOnnxPort *shape, GError **error)
{
  const IeOnnx *onnx = session->onnx;
  IeOrtValue **values = g_new0 (IeOrtValue *, session->inputs), *result = NULL;
  const char **names = g_new0 (const char *, session->inputs);
  const char *wanted = session->output[output].name;
  float *taken = NULL;
  gboolean fine = TRUE;
  *shape = (IeOnnxPort){ .name = NULL };
  for (int i = 0; i < session->inputs && fine; i++) {
    const IeOnnxPort *port = &session->input[i];
    names[i] = port->name;
    fine = good (onnx,
                 onnx->ort.CreateTensorWithDataAsOrtValue (onnx->memory, feeds[i].data, feeds[i].bytes, feeds[i].shape,
                                                           (size_t) port->rank, port->type, &values[i]),
                 error);
  }
  fine = fine && good (onnx,
                       onnx->ort.Run (session->session, NULL, names, (const IeOrtValue *const *) values,
                                      (size_t) session->inputs, &wanted, 1, &result),
                       error);
  if (fine)
    taken = take_output (onnx, result, shape, error);
  if (result)
    onnx->ort.ReleaseValue (result);
  for (int i = 0; i < session->inputs; i++)
    if (values[i])
      onnx->ort.ReleaseValue (values[i]);
  g_free (values);
  g_free (names);
  return taken;
}
