// SPDX-License-Identifier: GPL-3.0-or-later
/* Pages of a file, for formats that have them and those that have not. */
#include "core/i18n.h"
#include "imageio/internal.h"

int
ie_page_count (const IeFormat *format, const IeSource *source)
{
  return format->pages ? format->pages->count (ie_salvage_inner (source, NULL)) : 1;
}

IePageKind
ie_page_kind (const IeFormat *format, const IeSource *source, int page)
{
  return format->pages ? format->pages->kind (ie_salvage_inner (source, NULL), page) : IE_PAGE_PICTURE;
}

guint64
ie_page_samples (const IeFormat *format, const IeSource *source)
{
  const IeHeader *header = &source->header;
  guint64 samples = 0;
  if (!format->pages)
    return (guint64) header->width * (guint64) header->height * (guint64) MAX (header->channels, 3);
  const IeSource *inner = ie_salvage_inner (source, NULL);
  for (int i = 0; i < format->pages->count (inner); i++)
    samples += format->pages->samples (inner, i);
  return samples;
}

IeSource *
ie_page_open (const IeFormat *format, const IeSource *source, int page, GError **error)
{
  if (page >= 0 && page < ie_page_count (format, source) && format->pages) {
    IeFidelity *fidelity = NULL;
    const IeSource *inner = ie_salvage_inner (source, &fidelity);
    IeSource *opened = format->pages->open (inner, page, error);
    return opened && inner != source ? ie_salvage_source_new (opened, fidelity) : opened;
  }
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("there is no page %d"), page + 1);
  return NULL;
}

gboolean
ie_file_sink_has_pages (const IeFileSink *sink)
{
  return sink->next_page != NULL;
}

gboolean
ie_file_sink_next_page (IeFileSink *sink, IePageKind kind, GError **error)
{
  if (sink->next_page)
    return sink->next_page (sink, kind, error);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("the format holds one page"));
  return FALSE;
}

IeSource *
ie_file_sink_reread (IeFileSink *sink, GError **error)
{
  if (sink->reread)
    return sink->reread (sink, error);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("the format holds one page"));
  return NULL;
}
