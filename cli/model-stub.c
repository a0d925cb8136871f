#include "embed/model.h"
IeNetwork *ie_model_open (const char *path, int threads, guint64 memory, GError **error) { g_set_error (error, 1, 1, "no models yet"); return NULL; }
void ie_model_free (IeNetwork *n) {}
const IeModelInfo *ie_model_info (const IeNetwork *n) { return NULL; }
gboolean ie_model_run (IeNetwork *n, const guint8 *p, float *v, GError **e) { return FALSE; }
gboolean ie_model_run_text (IeNetwork *n, const char *t, float *v, GError **e) { return FALSE; }
