// SPDX-License-Identifier: GPL-3.0-or-later
/* XMP packets: what is updated in them, hostile ones; and the report of what a picture kept and lost. */
#include "imageio/internal.h"
#include "imageio/metadata/metadata.h"
#include "imageio/metadata/xmp.h"

#define PACKET \
  "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>" \
  "<rdf:Description rdf:about='' xmlns:tiff='http://ns.adobe.com/tiff/1.0/' xmlns:mine='http://example.org/mine/'" \
  " tiff:Orientation='3' tiff:ImageWidth='640' mine:word='kept'/></rdf:RDF></x:xmpmeta>"

static void
collect (gpointer data, const char *name, const char *value)
{
  g_string_append_printf (data, "%s=%s;", name, value);
}

static void
test_xmp (void)
{
#ifndef IE_HAVE_GEXIV2
  g_test_skip ("built without gexiv2");
#else
  GBytes *packet = g_bytes_new_static (PACKET, sizeof PACKET - 1);
  const char *failed;
  GBytes *same = ie_xmp_update (packet, &(IeXmpFacts){ .width = 640, .orientation = 3, .x_resolution = 72 }, &failed);
  g_assert_true (same == packet && !failed);
  GBytes *changed = ie_xmp_update (packet, &(IeXmpFacts){ .width = 320, .orientation = 6 }, &failed);
  g_assert_true (changed != packet && !failed);
  GString *list = g_string_new (NULL);
  g_assert_true (ie_xmp_list (changed, 100, collect, list, &failed));
  g_assert_nonnull (strstr (list->str, "Xmp.tiff.Orientation=6;"));
  g_assert_nonnull (strstr (list->str, "Xmp.tiff.ImageWidth=320;"));
  g_assert_nonnull (strstr (list->str, "word=kept;"));
  g_string_free (list, TRUE);
  g_bytes_unref (changed);
  g_bytes_unref (same);
  g_bytes_unref (packet);
#endif
}

/* What is no XMP, or would cost too much, goes through untouched. */
static void
test_hostile_xmp (void)
{
  GString *deep = g_string_new (NULL);
  for (int i = 0; i < 20000; i++)
    g_string_append (deep, "<Orientation>");
  const char *texts[] = { "", "Orientation", "<x:xmpmeta Orientation", deep->str,
                          "<!DOCTYPE a [<!ENTITY b 'c'>]><x:xmpmeta Orientation='&b;'/>", "<?xpacket?><Orientation/>" };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    GBytes *packet = g_bytes_new (texts[i], strlen (texts[i]));
    const char *failed;
    GBytes *after = ie_xmp_update (packet, &(IeXmpFacts){ .width = 320, .orientation = 6 }, &failed);
    g_assert_true (after == packet);
    g_bytes_unref (after);
    g_bytes_unref (packet);
  }
  g_string_free (deep, TRUE);
}

/* ---- The report -------------------------------------------------------------------------------------------------- */

static void
test_report (void)
{
  IeFidelity *report = ie_fidelity_new ();
  ie_fidelity_note (report, IE_ITEM_EXIF, IE_FIDELITY_KEPT, NULL);
  g_assert_null (ie_fidelity_dropped (report));
  ie_fidelity_note (report, IE_ITEM_EXIF, IE_FIDELITY_DROPPED, "no\nroom\xff");
  ie_fidelity_note (report, IE_ITEM_EXIF, IE_FIDELITY_CHANGED, "unseen");
  g_assert_cmpint (ie_fidelity_count (report), ==, 1);
  char *dropped = ie_fidelity_dropped (report);
  g_assert_cmpstr (dropped, ==, "not kept: exif (no room\xef\xbf\xbd)");
  for (int i = 0; i < 1000; i++) {
    char *item = g_strdup_printf ("item-%d", i);
    ie_fidelity_note (report, item, IE_FIDELITY_KEPT, "%0400d", i);
    g_free (item);
  }
  g_assert_cmpint (ie_fidelity_count (report), <=, 65);
  for (int i = 0; i < ie_fidelity_count (report); i++)
    g_assert_cmpuint (strlen (ie_fidelity_get (report, i).note), <=, 300);
  ie_fidelity_note (NULL, "nothing", IE_FIDELITY_KEPT, NULL);
  g_free (dropped);
  ie_fidelity_free (report);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xmp/update", test_xmp);
  g_test_add_func ("/xmp/hostile", test_hostile_xmp);
  g_test_add_func ("/fidelity/report", test_report);
  return g_test_run ();
}
