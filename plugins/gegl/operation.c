// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/gegl/operation.h"

#include <math.h>
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/names.h"

/* Filters with a further picture take it from the aux pad: a composer; all others are filters. Both are a GeglOperation and
 * nothing more. */
typedef struct {
  union {
    GeglOperationFilter filter;
    GeglOperationComposer composer;
  } parent;
  IeOperationState *state;
} Operation;

typedef struct {
  union {
    GeglOperationFilterClass filter;
    GeglOperationComposerClass composer;
  } parent;
  const IeFilter *filter;
  GObjectClass *parent_class;
} OperationClass;

#define CLASS(operation) ((OperationClass *) G_OBJECT_GET_CLASS (operation))
/* Property ids: parameter i is 2 + i. */
#define VERSION_ID 1
#define FIRST_ID 2

static gboolean
has_picture (const IeFilter *filter)
{
  for (const IeParam *param = filter->params; param->id; param++)
    if (param->type == IE_PARAM_IMAGE)
      return TRUE;
  return FALSE;
}

/* ---- properties ---- */

static GType
enum_type (const IeFilter *filter, const IeParam *param)
{
  g_autofree char *name = g_strdup_printf ("ImgenhanceGegl-%s-%d-%s", filter->name, filter->version, param->id);
  g_strdelimit (name, "-", '_');
  GType type = g_type_from_name (name);
  if (type)
    return type;
  int count = 0;
  while (param->choices[count].id)
    count++;
  /* GLib keeps the table. */
  GEnumValue *values = g_new0 (GEnumValue, count + 1);
  for (int i = 0; i < count; i++)
    values[i] = (GEnumValue){ i, _ (param->choices[i].label), param->choices[i].id };
  return g_enum_register_static (name, values);
}

static GParamSpec *
make_property (const IeFilter *filter, const IeParam *param)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | GEGL_PARAM_PAD_INPUT;
  double low, high;
  ie_param_slider (param, &low, &high);
  /* GEGL's sliders: 1 is linear, above it the small values get more room. */
  double gamma = param->curve == IE_SLIDER_LOGARITHMIC ? 3 : 1;
  const char *label = _ (param->label), *summary = _ (param->summary);
  GParamSpec *spec;
  switch (param->type) {
  case IE_PARAM_FLOAT:
    spec = gegl_param_spec_double (param->id, label, summary, isfinite (param->min) ? param->min : -G_MAXDOUBLE,
                                   isfinite (param->max) ? param->max : G_MAXDOUBLE, param->initial, low, high, gamma, flags);
    gegl_param_spec_double_set_steps (GEGL_PARAM_SPEC_DOUBLE (spec), (high - low) / 200, (high - low) / 20);
    gegl_param_spec_double_set_digits (GEGL_PARAM_SPEC_DOUBLE (spec), high - low > 50 ? 1 : high - low > 5 ? 2 : 3);
    break;
  case IE_PARAM_INT:
    spec = gegl_param_spec_int (param->id, label, summary, (int) param->min, (int) param->max,
                                (int) param->initial, (int) low, (int) high, gamma, flags);
    break;
  case IE_PARAM_BOOL:
    spec = g_param_spec_boolean (param->id, label, summary, param->initial != 0, flags);
    break;
  case IE_PARAM_ENUM:
    spec = gegl_param_spec_enum (param->id, label, summary, enum_type (filter, param), (int) param->initial,
                                 flags);
    break;
  default:
    /* Files, too: GIMP 3.0 cannot hand GEGL's file paths to scripts, and then none of the operation's properties. */
    spec = gegl_param_spec_string (param->id, label, summary, FALSE, TRUE,
                                   param->initial_text ? param->initial_text : "", flags);
  }
  if (param->unit && strcmp (param->unit, "px") == 0)
    gegl_param_spec_set_property_key (spec, "unit", "pixel-distance");
  else if (param->unit && strcmp (param->unit, "degrees") == 0)
    gegl_param_spec_set_property_key (spec, "unit", "degree");
  return spec;
}

/* "blur=bilateral|box" as GEGL's interfaces say it: "blur {bilateral, box}" */
static void
set_visibility (GParamSpec *spec, const IeParam *param)
{
  const char *equals = param->visible_if ? strchr (param->visible_if, '=') : NULL;
  if (!equals)
    return;
  g_auto (GStrv) choices = g_strsplit (equals + 1, "|", -1);
  g_autofree char *list = g_strjoinv (", ", choices);
  g_autofree char *rule = g_strdup_printf ("%.*s {%s}", (int) (equals - param->visible_if), param->visible_if, list);
  gegl_param_spec_set_property_key (spec, "visible", rule);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  Operation *operation = (Operation *) object;
  if (id == VERSION_ID)
    ie_operation_state_set_version (operation->state, g_value_get_int (value));
  else
    ie_operation_state_set (operation->state, (int) id - FIRST_ID, value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  Operation *operation = (Operation *) object;
  if (id == VERSION_ID)
    g_value_set_int (value, ie_operation_state_version (operation->state));
  else
    ie_operation_state_get (operation->state, (int) id - FIRST_ID, value);
}

/* ---- geometry ---- */

static GeglRectangle
input_extent (GeglOperation *operation)
{
  const GeglRectangle *extent = gegl_operation_source_get_bounding_box (operation, "input");
  return extent ? *extent : (GeglRectangle){ 0, 0, 0, 0 };
}

/* Pictures without an end have no statistics and no whole. */
static gboolean
is_bounded (const GeglRectangle *extent)
{
  return !gegl_rectangle_is_infinite_plane (extent) && !gegl_rectangle_is_empty (extent);
}

/* Nodes between a layer's pixels and an operation: more is no layer. */
#define LONGEST_CHAIN 1000

/* Effects of a layer hand each other float pixels, whatever the layer is. Each of ours works on the layer's own: then a stack of
 * them gives what the same steps give one after the other, and GIMP has nothing left to round. NULL: this is no effect of a
 * layer in GIMP. */
static const Babl *
layer_format (GeglOperation *base)
{
  GeglNode *node = base->node, *before;
  for (int i = 0; i < LONGEST_CHAIN && (before = gegl_node_get_producer (node, "input", NULL)) != NULL; i++)
    node = before;
  const char *name = gegl_node_get_operation (node);
  if (!name || !g_str_has_prefix (name, "gimp:") || !gegl_node_has_pad (node, "output"))
    return NULL;
  const Babl *format = gegl_operation_get_format (gegl_node_get_gegl_operation (node), "output");
  return format && !babl_format_is_palette (format) ? format : NULL;
}

static void
prepare (GeglOperation *base)
{
  Operation *operation = (Operation *) base;
  const Babl *format = gegl_operation_get_source_format (base, "input");
  const Babl *layer = layer_format (base);
  if (layer)
    format = layer;
  GeglRectangle extent = input_extent (base);
  if (!is_bounded (&extent))
    extent = (GeglRectangle){ 0, 0, 1, 1 };
  ie_operation_state_prepare (operation->state, format ? format : babl_format ("R'G'B'A float"), &extent);
  format = ie_operation_state_format (operation->state);
  gegl_operation_set_format (base, "input", format);
  gegl_operation_set_format (base, "output", format);
}

static gboolean
sees_all (GeglOperation *base)
{
  IeClass class = ie_operation_state_class (((Operation *) base)->state);
  return class == IE_SURVEY || class == IE_WHOLE;
}

static GeglRectangle
get_required_for_output (GeglOperation *base, const char *pad, const GeglRectangle *roi)
{
  GeglRectangle extent = input_extent (base);
  if (!is_bounded (&extent))
    return *roi;
  if (strcmp (pad, "aux") == 0) {
    const GeglRectangle *aux = gegl_operation_source_get_bounding_box (base, "aux");
    return aux ? *aux : *roi;
  }
  return sees_all (base) ? extent : ie_operation_state_need (((Operation *) base)->state, roi);
}

static GeglRectangle
get_invalidated_by_change (GeglOperation *base, const char *pad, const GeglRectangle *changed)
{
  GeglRectangle extent = input_extent (base);
  if (!is_bounded (&extent))
    return *changed;
  if (sees_all (base) || strcmp (pad, "aux") == 0)
    return extent;
  /* Windows are symmetric: what looks at a pixel is what that pixel looks at. */
  GeglRectangle near = ie_operation_state_need (((Operation *) base)->state, changed), all;
  gegl_rectangle_bounding_box (&all, &near, changed);
  return all;
}

static GeglRectangle
get_cached_region (GeglOperation *base, const GeglRectangle *roi)
{
  GeglRectangle extent = input_extent (base);
  return sees_all (base) && is_bounded (&extent) ? extent : *roi;
}

/* ---- pixels ---- */

static gboolean
process (GeglOperation *base, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output, const GeglRectangle *roi)
{
  Operation *operation = (Operation *) base;
  if (!input)
    return FALSE;
  GeglRectangle extent = input_extent (base);
  /* What the filter cannot do is left as it is: a graph has no place for a reason but the log. */
  if (!is_bounded (&extent) || !ie_operation_state_process (operation->state, input, aux, output, roi))
    gegl_buffer_copy (input, roi, GEGL_ABYSS_NONE, output, roi);
  return TRUE;
}

static gboolean
process_filter (GeglOperation *base, GeglBuffer *input, GeglBuffer *output, const GeglRectangle *roi, int level)
{
  return process (base, input, NULL, output, roi);
}

static gboolean
process_composer (GeglOperation *base, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output, const GeglRectangle *roi,
                  int level)
{
  return process (base, input, aux, output, roi);
}

/* ---- types ---- */

static void
finalize (GObject *object)
{
  Operation *operation = (Operation *) object;
  GObjectClass *parent_class = CLASS (object)->parent_class;
  ie_operation_state_free (operation->state);
  parent_class->finalize (object);
}

static void
init (GTypeInstance *instance, gpointer klass)
{
  ((Operation *) instance)->state = ie_operation_state_new (((OperationClass *) klass)->filter);
}

static void
class_init (gpointer klass, gpointer data)
{
  OperationClass *class = klass;
  const IeFilter *filter = data;
  GObjectClass *object_class = klass;
  GeglOperationClass *operation_class = klass;
  class->filter = filter;
  class->parent_class = g_type_class_peek_parent (klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  operation_class->prepare = prepare;
  operation_class->get_required_for_output = get_required_for_output;
  operation_class->get_invalidated_by_change = get_invalidated_by_change;
  operation_class->get_cached_region = get_cached_region;
  operation_class->threaded = FALSE; /* the library has threads of its own */
  if (has_picture (filter))
    class->parent.composer.process = process_composer;
  else
    class->parent.filter.process = process_filter;
  GParamSpec *version = gegl_param_spec_int ("filter-version", _ ("Version"),
                                             _ ("Version of the filter, so that saved images stay as they are"),
                                             1, filter->version, filter->version, 1, filter->version, 1,
                                             G_PARAM_READWRITE | G_PARAM_CONSTRUCT | GEGL_PARAM_PAD_INPUT);
  gegl_param_spec_set_property_key (version, "visible", "0");
  gegl_param_spec_set_property_key (version, "role", "output-extent");
  g_object_class_install_property (object_class, VERSION_ID, version);
  for (int i = 0; filter->params[i].id; i++) {
    GParamSpec *spec = make_property (filter, &filter->params[i]);
    set_visibility (spec, &filter->params[i]);
    g_object_class_install_property (object_class, (guint) (FIRST_ID + i), spec);
  }
  g_autofree char *name = ie_operation_name (filter), *menu = ie_menu_path_shown (filter);
  g_autofree char *label = ie_menu_label_shown (filter);
  gegl_operation_class_set_keys (operation_class, "name", name, "title", _ (filter->label), "description",
                                 _ (filter->summary),
                                 "categories", "imgenhance", "license", "GPL3+", "gimp:menu-path", menu,
                                 "gimp:menu-label", label, NULL);
  if (filter->citation)
    gegl_operation_class_set_key (operation_class, "reference", filter->citation);
}

void
ie_operation_register (GTypeModule *module, const IeFilter *filter)
{
  g_autofree char *name = g_strdup_printf ("ImgenhanceGegl-%s", filter->name);
  g_strdelimit (name, "-", '_');
  GTypeInfo info = { .class_size = sizeof (OperationClass), .class_init = class_init, .class_data = filter,
                     .instance_size = sizeof (Operation), .instance_init = init };
  GType parent = has_picture (filter) ? GEGL_TYPE_OPERATION_COMPOSER : GEGL_TYPE_OPERATION_FILTER;
  g_type_module_register_type (module, parent, name, &info, 0);
}
