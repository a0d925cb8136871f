// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts and layout that readers gather. */
#include "imageio/internal.h"

static void
free_text (gpointer data)
{
  IeText *text = data;
  g_free (text->name);
  g_free (text->text);
  g_free (text);
}

void
ie_metadata_add_text (IeMetadata *metadata, const char *name, const char *text, gsize size, gboolean latin1)
{
  IeText *item = g_new0 (IeText, 1);
  item->name = g_utf8_validate (name, -1, NULL) ? g_strdup (name)
                                                : g_convert (name, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  item->latin1 = latin1 || !g_utf8_validate (text, (gssize) size, NULL);
  item->text = item->latin1 ? g_convert (text, (gssize) size, "UTF-8", "ISO-8859-1", NULL, NULL, NULL)
                            : g_strndup (text, size);
  if (!item->name || !item->text) {
    free_text (item);
    return;
  }
  if (!metadata->texts)
    metadata->texts = g_ptr_array_new_with_free_func (free_text);
  g_ptr_array_add (metadata->texts, item);
}

IeLayout *
ie_metadata_layout (IeMetadata *metadata)
{
  if (!metadata->layout)
    metadata->layout = g_new0 (IeLayout, 1);
  return metadata->layout;
}
