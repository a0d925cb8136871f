// SPDX-License-Identifier: GPL-3.0-or-later
/* preview.c: the widget, what it wants and what it says; preview-area.c: where pixels lie, mouse and keys; preview-paint.c. */
#pragma once

#include "plugins/dialog/preview.h"

G_BEGIN_DECLS

/* Requests whose time is remembered. */
#define IE_PREVIEW_TIMES 64

/* A piece and its pixels for the screen; a mask's are cairo's A8. */
typedef struct {
  IePiece *piece;
  cairo_surface_t *surface; /* NULL: nothing */
} IePreviewSeen;

typedef struct {
  GtkWidget *box, *area, *zoom_label, *state_label, *before_button, *split_button;
  IePreviewHooks hooks;
  IeBufferKind kind;
  IeRender *render; /* NULL: no memory */
  IeRecipe *recipe; /* as last set */
  char *message;
  gint posted;      /* atomic: something is to be taken */
  guint serial;     /* of the last request */
  IeRendering *shown;
  IePreviewSeen before, after;             /* of `shown` */
  IePreviewSeen whole_before, whole_after; /* the last that showed all of the picture */
  IePicture *selection;                    /* NULL: all of it */
  IePreviewSeen mask;                      /* of the selection, as `before` lies */
  /* What is seen. */
  double zoom, x, y; /* pixels of the screen for each of the picture, the picture's point in the middle */
  gboolean fit, showing_before;
  double split;      /* 0..1; negative: no line */
  /* The mouse. */
  enum { IE_GRAB_NONE, IE_GRAB_PICTURE, IE_GRAB_SPLIT } grab;
  double grab_x, grab_y;
  /* How long answers take, when somebody asks. */
  gboolean timing;
  gint64 asked[IE_PREVIEW_TIMES];
  guint timed; /* serial of the last answer that was drawn */
  gboolean timed_exact;
} IePreview;

/* ---- preview.c ---- */

/* Asks for what is to be seen now. */
void ie_preview_want (IePreview *preview, gboolean dragging);
/* Something is seen otherwise than before. */
void ie_preview_changed (IePreview *preview);
/* A sentence on what is seen. */
const char *ie_preview_state (const IePreview *preview);

/* ---- preview-area.c ---- */

void ie_preview_area_init (IePreview *preview);
/* The area in pixels of the screen, and where in it the picture's corner lies. */
void ie_preview_size (const IePreview *preview, int *width, int *height);
void ie_preview_corner (const IePreview *preview, double *x, double *y);
/* Follows a change of size: a zoom that fits, a middle that leaves no margin. */
void ie_preview_place (IePreview *preview);
/* The part of the picture that is seen; no width or height: nothing. */
IeRect ie_preview_visible (const IePreview *preview);
/* Zooms by so many steps, the picture's point at (x, y) of the area staying there. */
void ie_preview_zoom_by (IePreview *preview, int steps, double x, double y);
/* ... to zoom; 0: as large as fits. */
void ie_preview_zoom_to (IePreview *preview, double zoom, double x, double y);
/* Middle of the area, in pixels of the screen. */
void ie_preview_middle (const IePreview *preview, double *x, double *y);

/* ---- preview-paint.c ---- */

/* data: an IePreview. */
void ie_preview_draw (GtkWidget *area, cairo_t *cairo, gpointer data);

G_END_DECLS
