// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/courier.h"

#include "core/i18n.h"

#include <string.h>

struct IeCourier {
  GMutex lock;
  GCond changed;
  GQueue errands;
  gboolean stopping;
  GThread *thread;
};

static gpointer
run (gpointer data)
{
  IeCourier *courier = data;
  g_mutex_lock (&courier->lock);
  for (;;) {
    IeErrand *errand = g_queue_pop_head (&courier->errands);
    if (!errand && courier->stopping)
      break;
    if (!errand) {
      g_cond_wait (&courier->changed, &courier->lock);
      continue;
    }
    g_mutex_unlock (&courier->lock);
    errand->work (errand->data);
    g_mutex_lock (&courier->lock);
    g_atomic_int_set (&errand->done, TRUE);
    g_cond_broadcast (&courier->changed);
  }
  g_mutex_unlock (&courier->lock);
  return NULL;
}

IeCourier *
ie_courier_new (void)
{
  IeCourier *courier = g_new0 (IeCourier, 1);
  g_mutex_init (&courier->lock);
  g_cond_init (&courier->changed);
  courier->thread = g_thread_try_new ("courier", run, courier, NULL);
  if (!courier->thread)
    g_clear_pointer (&courier, ie_courier_free);
  return courier;
}

void
ie_courier_send (IeCourier *courier, IeErrand *errand)
{
  g_mutex_lock (&courier->lock);
  g_atomic_int_set (&errand->done, FALSE);
  g_queue_push_tail (&courier->errands, errand);
  g_cond_broadcast (&courier->changed);
  g_mutex_unlock (&courier->lock);
}

/* Microseconds for which who waits keeps a processor awake. The courier and GIMP wake each other four times a tile, and a processor that
 * went to sleep takes some 50 microseconds: without this 24 megapixels took a third longer on two processors. */
#define AWAKE 20000

void
ie_courier_wait (IeCourier *courier, IeErrand *errand)
{
  gint64 until = g_get_monotonic_time () + AWAKE;
  while (!g_atomic_int_get (&errand->done) && g_get_monotonic_time () < until)
    g_thread_yield ();
  g_mutex_lock (&courier->lock);
  while (!g_atomic_int_get (&errand->done))
    g_cond_wait (&courier->changed, &courier->lock);
  g_mutex_unlock (&courier->lock);
}

gboolean
ie_courier_is_back (const IeErrand *errand)
{
  return g_atomic_int_get (&errand->done);
}

void
ie_courier_stop (IeCourier *courier)
{
  if (!courier || !courier->thread)
    return;
  g_mutex_lock (&courier->lock);
  courier->stopping = TRUE;
  g_cond_broadcast (&courier->changed);
  g_mutex_unlock (&courier->lock);
  g_thread_join (courier->thread);
  courier->thread = NULL;
}

void
ie_courier_free (IeCourier *courier)
{
  if (!courier)
    return;
  ie_courier_stop (courier);
  g_queue_clear (&courier->errands);
  g_mutex_clear (&courier->lock);
  g_cond_clear (&courier->changed);
  g_free (courier);
}

/* ---- loads ---- */

/* Rows of a load: whole rows of GIMP's tiles, which are 64 or 128 high. */
#define LOAD_ROWS 128
/* Bytes on the way, in each direction; two loads at least. */
#define LOADS_BYTES (16u << 20)
#define MOST_LOADS 8

typedef struct {
  IeErrand errand;
  gpointer owner;
  IeRect rect;
  guint8 *data;
  gsize bytes;
  gboolean sent, good;
  GError *error;
} Load;

static gsize
row_of (const IeHeader *header, int width)
{
  return (gsize) width * (gsize) header->channels * ie_depth_bytes (header->depth);
}

static int
most_loads (gsize row)
{
  return (int) CLAMP (LOADS_BYTES / (row * LOAD_ROWS), 2, MOST_LOADS);
}

/* Room for the rows of rect. */
static gboolean
load_fits (Load *load, IeRect rect, gsize row)
{
  gsize bytes = row * (gsize) rect.height;
  if (bytes > load->bytes) {
    g_free (load->data);
    load->data = g_try_malloc (bytes);
    load->bytes = load->data ? bytes : 0;
  }
  load->rect = rect;
  return load->data != NULL;
}

static void
load_clear (Load *load)
{
  g_free (load->data);
  g_clear_error (&load->error);
}

static void
copy_rows (guint8 *to, ptrdiff_t to_stride, const guint8 *from, ptrdiff_t from_stride, gsize row, int rows)
{
  for (int y = 0; y < rows; y++)
    memcpy (to + y * to_stride, from + y * from_stride, row);
}

/* ---- a source ---- */

typedef struct {
  IeSource source;
  IeCourier *courier;
  IeSource *from;
  Load loads[MOST_LOADS]; /* of whole rows, one below the other; a ring */
  int first, count;       /* of those on the way or here */
  int next;               /* the row below the last one */
  /* An errand that is waited for. */
  IeRect rect;
  void *data;
  ptrdiff_t stride;
  GError **error;
  gboolean good;
} CourierSource;

static void
fetch_load (gpointer data)
{
  Load *load = data;
  CourierSource *own = load->owner;
  gsize row = row_of (&own->from->header, load->rect.width);
  load->good = own->from->read (own->from, load->rect, load->data, (ptrdiff_t) row, &load->error);
}

static void
fetch_now (gpointer data)
{
  CourierSource *own = data;
  own->good = own->from->read (own->from, own->rect, own->data, own->stride, own->error);
}

static void
drop_first (CourierSource *own)
{
  Load *load = &own->loads[own->first];
  ie_courier_wait (own->courier, &load->errand);
  g_clear_error (&load->error);
  own->first = (own->first + 1) % MOST_LOADS;
  own->count--;
}

/* Sends for rows until `end`, as far as there is room. */
static void
send_until (CourierSource *own, int end)
{
  const IeHeader *header = &own->source.header;
  gsize row = row_of (header, header->width);
  while (own->next < MIN (end, header->height) && own->count < most_loads (row)) {
    int rows = LOAD_ROWS - own->next % LOAD_ROWS;
    IeRect rect = { 0, own->next, header->width, MIN (rows, header->height - own->next) };
    Load *load = &own->loads[(own->first + own->count) % MOST_LOADS];
    load->owner = own;
    load->errand.work = fetch_load;
    load->errand.data = load;
    if (!load_fits (load, rect, row))
      return;
    ie_courier_send (own->courier, &load->errand);
    own->count++;
    own->next += rect.height;
  }
}

static gboolean
read_now (CourierSource *own, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  IeErrand errand = { fetch_now, own };
  own->rect = rect;
  own->data = data;
  own->stride = stride;
  own->error = error;
  ie_courier_send (own->courier, &errand);
  ie_courier_wait (own->courier, &errand);
  return own->good;
}

static gboolean
source_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  CourierSource *own = (CourierSource *) source;
  const IeHeader *header = &source->header;
  int y = rect.y, end = rect.y + rect.height;
  if (rect.x != 0 || rect.width != header->width)
    return read_now (own, rect, data, stride, error);
  while (own->count && (own->loads[own->first].rect.y > y || own->loads[own->first].rect.y + own->loads[own->first].rect.height <= y))
    drop_first (own);
  if (!own->count)
    own->next = y;
  gsize row = row_of (header, header->width);
  while (y < end) {
    send_until (own, end + rect.height);
    if (!own->count) { /* no memory for a load */
      IeRect rest = { 0, y, rect.width, end - y };
      own->next = end;
      return read_now (own, rest, (guint8 *) data + (y - rect.y) * stride, stride, error);
    }
    Load *load = &own->loads[own->first];
    ie_courier_wait (own->courier, &load->errand);
    if (!load->good) {
      g_propagate_error (error, g_steal_pointer (&load->error));
      return FALSE;
    }
    int rows = MIN (end, load->rect.y + load->rect.height) - y;
    copy_rows ((guint8 *) data + (y - rect.y) * stride, stride, load->data + (gsize) (y - load->rect.y) * row, (ptrdiff_t) row, row, rows);
    y += rows;
    if (y == load->rect.y + load->rect.height)
      drop_first (own);
  }
  send_until (own, end + rect.height);
  return TRUE;
}

static void
source_free (IeSource *source)
{
  CourierSource *own = (CourierSource *) source;
  for (int i = 0; i < MOST_LOADS; i++)
    load_clear (&own->loads[i]);
  ie_source_free (own->from);
  g_free (own);
}

IeSource *
ie_courier_source_new (IeCourier *courier, IeSource *source)
{
  CourierSource *own = g_new0 (CourierSource, 1);
  own->source = (IeSource){ .header = source->header, .random = TRUE, .read = source_read, .free = source_free,
                            .memory_held = source->memory_held + LOADS_BYTES, .read_cost = source->read_cost };
  own->courier = courier;
  own->from = source;
  return &own->source;
}

/* ---- a sink ---- */

typedef struct {
  IeSink sink;
  IeCourier *courier;
  IeSink *to;
  IeHeader header;
  Load loads[MOST_LOADS]; /* a ring: on the way, all but the one that is being loaded */
  int next;
  int loaded; /* rows of loads[next] */
} CourierSink;

static void
deliver (gpointer data)
{
  Load *load = data;
  CourierSink *own = load->owner;
  gsize row = row_of (&own->header, load->rect.width);
  load->good = own->to->write (own->to, load->rect, load->data, (ptrdiff_t) row, &load->error);
}

static gboolean
sink_begin (IeSink *sink, const IeHeader *header, GError **error)
{
  CourierSink *own = (CourierSink *) sink;
  own->header = *header;
  return own->to->begin (own->to, header, error);
}

/* Makes loads[next] empty, for the rows from y on. GIMP's tiles are sent whole: of one that is written in two parts, what GIMP has would
 * be fetched first. */
static gboolean
empty_load (CourierSink *own, int y, GError **error)
{
  Load *load = &own->loads[own->next];
  if (load->sent) {
    ie_courier_wait (own->courier, &load->errand);
    load->sent = FALSE;
    if (!load->good) {
      g_propagate_error (error, g_steal_pointer (&load->error));
      return FALSE;
    }
  }
  load->owner = own;
  load->errand.work = deliver;
  load->errand.data = load;
  own->loaded = 0;
  IeRect rect = { 0, y, own->header.width, MIN (LOAD_ROWS - y % LOAD_ROWS, own->header.height - y) };
  if (load_fits (load, rect, row_of (&own->header, rect.width)))
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the rows of the result"));
  return FALSE;
}

static gboolean
sink_write (IeSink *sink, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  CourierSink *own = (CourierSink *) sink;
  gsize row = row_of (&own->header, rect.width);
  for (int done = 0, rows; done < rect.height; done += rows) {
    Load *load = &own->loads[own->next];
    if (own->loaded == 0 && !empty_load (own, rect.y + done, error))
      return FALSE;
    rows = MIN (rect.height - done, load->rect.height - own->loaded);
    copy_rows (load->data + (gsize) own->loaded * row, (ptrdiff_t) row, (const guint8 *) data + done * stride, stride, row, rows);
    own->loaded += rows;
    if (own->loaded == load->rect.height) {
      load->sent = TRUE;
      ie_courier_send (own->courier, &load->errand);
      own->next = (own->next + 1) % most_loads (row);
      own->loaded = 0;
    }
  }
  return TRUE;
}

gboolean
ie_courier_sink_good (IeSink *sink, GError **error)
{
  CourierSink *own = (CourierSink *) sink;
  for (gsize i = 0; i < G_N_ELEMENTS (own->loads); i++)
    if (own->loads[i].sent && !own->loads[i].good) {
      g_propagate_error (error, g_steal_pointer (&own->loads[i].error));
      return FALSE;
    }
  return TRUE;
}

static void
sink_free (IeSink *sink)
{
  CourierSink *own = (CourierSink *) sink;
  for (gsize i = 0; i < G_N_ELEMENTS (own->loads); i++)
    load_clear (&own->loads[i]);
  ie_sink_free (own->to);
  g_free (own);
}

IeSink *
ie_courier_sink_new (IeCourier *courier, IeSink *sink)
{
  CourierSink *own = g_new0 (CourierSink, 1);
  own->sink = (IeSink){ .begin = sink_begin, .write = sink_write, .free = sink_free, .memory_held = sink->memory_held + LOADS_BYTES };
  own->courier = courier;
  own->to = sink;
  return &own->sink;
}
