// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/thumbnails.h"

#include "cli/interrupt.h"
#include "cli/thumbnail.h"

typedef struct {
  guint8 *pixels;
  int width, height;
} Made;

struct IeThumbnails {
  char **paths;
  int side;
  IeThumbnailMade made;
  gpointer data;
  GThread *thread;
  GAsyncQueue *ready; /* of Made, in the order of the paths */
  guint next, idle;   /* of the main loop alone */
  gint stop;
};

static void
made_free (gpointer data)
{
  Made *made = data;
  g_free (made->pixels);
  g_free (made);
}

static gpointer
make (gpointer data)
{
  IeThumbnails *thumbnails = data;
  CliWorkerOptions options = { 0 };
  for (int i = 0; thumbnails->paths[i] && !g_atomic_int_get (&thumbnails->stop); i++) {
    Made *made = g_new0 (Made, 1);
    made->pixels = cli_thumbnail (&options, thumbnails->paths[i], thumbnails->side, &made->width, &made->height);
    g_async_queue_push (thumbnails->ready, made);
  }
  return NULL;
}

/* A look now and then costs less than a source for each picture, and the last of them needs no care. */
#define INTERVAL 40 /* ms */

static gboolean
hand_over (gpointer data)
{
  IeThumbnails *thumbnails = data;
  Made *made;
  while (thumbnails->paths[thumbnails->next] && (made = g_async_queue_try_pop (thumbnails->ready))) {
    thumbnails->made (thumbnails->data, thumbnails->next++, made->pixels, made->width, made->height);
    g_free (made);
  }
  if (thumbnails->paths[thumbnails->next])
    return G_SOURCE_CONTINUE;
  thumbnails->idle = 0;
  return G_SOURCE_REMOVE;
}

IeThumbnails *
ie_thumbnails_new (const char *const *paths, int side, IeThumbnailMade made, gpointer data)
{
  IeThumbnails *thumbnails = g_new0 (IeThumbnails, 1);
  thumbnails->paths = g_strdupv ((char **) paths);
  thumbnails->side = side;
  thumbnails->made = made;
  thumbnails->data = data;
  thumbnails->ready = g_async_queue_new_full (made_free);
  thumbnails->thread = g_thread_new ("thumbnails", make, thumbnails);
  thumbnails->idle = g_timeout_add (INTERVAL, hand_over, thumbnails);
  return thumbnails;
}

void
ie_thumbnails_free (IeThumbnails *thumbnails)
{
  if (!thumbnails)
    return;
  if (thumbnails->idle)
    g_source_remove (thumbnails->idle);
  /* The reader of the one at work is told to end; it has two seconds for it. */
  g_atomic_int_set (&thumbnails->stop, 1);
  g_atomic_int_set (cli_stop_flag (), CLI_STOP_INTERRUPTED);
  g_thread_join (thumbnails->thread);
  g_atomic_int_set (cli_stop_flag (), CLI_STOP_NONE);
  g_async_queue_unref (thumbnails->ready);
  g_strfreev (thumbnails->paths);
  g_free (thumbnails);
}
