// SPDX-License-Identifier: GPL-3.0-or-later
/* What belongs to an OpenEXR picture beside its samples: texts, resolution, primaries; a pipe gets the same bytes as
 * a file; failures are told. */
#include "exr.h"

#include "colorspace/transform.h"

#include <fcntl.h>
#include <math.h>

static void
add_text (IeMetadata *metadata, const char *name, const char *text)
{
  IeText *item = g_new0 (IeText, 1);
  item->name = (char *) name;
  item->text = (char *) text;
  g_ptr_array_add (metadata->texts, item);
}

static const char *
find_text (const IeMetadata *metadata, const char *name)
{
  for (guint i = 0; metadata->texts && i < metadata->texts->len; i++) {
    const IeText *text = metadata->texts->pdata[i];
    if (g_str_equal (text->name, name))
      return text->text;
  }
  return NULL;
}

/* Texts (comments, owner, a name of its own), resolution, day of capture; names that no attribute can have are noted,
 * and so is what OpenEXR has no place for. */
static void
test_attributes (void)
{
  static const guint8 exif[] = { 'I', 'I', '*', 0,   8,   0,   0,   0,   1,   0,   0x69, 0x87, 4,   0,    1,   0,
                                 0,   0,   26,  0,   0,   0,   0,   0,   0,   0,   1,    0,    3,   0x90, 2,   0,
                                 20,  0,   0,   0,   44,  0,   0,   0,   0,   0,   0,    0,    '2', '0',  '0', '1',
                                 ':', '0', '2', ':', '0', '3', ' ', '0', '4', ':', '0',  '5',  ':', '0',  '6', 0 };
  char *path = place ("attributes.exr");
  IeHeader header = make_header (3, 0, IE_DEPTH_FLOAT);
  IeMetadata metadata = { .exif = g_bytes_new_static (exif, sizeof exif),
                          .x_resolution = 300,
                          .y_resolution = 150,
                          .orientation = 6,
                          .texts = g_ptr_array_new_with_free_func (g_free) };
  IeWriteOptions options = { .no_sync = TRUE, .fidelity = ie_fidelity_new () };
  add_text (&metadata, "Comment", "gr\xc3\xbc\xc3\x9f\nzwei");
  add_text (&metadata, "Copyright", "A. B.");
  add_text (&metadata, "Comment", "again");
  add_text (&metadata, "Software", "none");
  add_text (&metadata, "type", "would break the file");
  header.metadata = &metadata;
  void *samples = make_samples (&header, TRUE);
  write_file (path, &header, samples, &options);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_TEXT), ==, IE_FIDELITY_DROPPED);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_EXIF), ==, IE_FIDELITY_DROPPED);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_ORIENTATION), ==, IE_FIDELITY_DROPPED);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_RESOLUTION), ==, IE_FIDELITY_KEPT);
  for (int round = 0; round < 2; round++) { /* and from OpenEXR to OpenEXR */
    IeSource *source = read_back (path);
    const IeMetadata *back = source->header.metadata;
    g_assert_cmpstr (find_text (back, "Comment"), ==, "gr\xc3\xbc\xc3\x9f\nzwei\nagain");
    g_assert_cmpstr (find_text (back, "Copyright"), ==, "A. B.");
    g_assert_cmpstr (find_text (back, "Software"), ==, "none");
    g_assert_cmpstr (find_text (back, "capDate"), ==, "2001:02:03 04:05:06");
    g_assert_cmpuint (back->texts->len, ==, 4);
    g_assert_cmpfloat (back->x_resolution, ==, 300);
    g_assert_cmpfloat (back->y_resolution, ==, 150);
    char *second = place ("second.exr");
    write_file (second, &source->header, samples, NULL);
    ie_source_free (source);
    g_assert_cmpint (g_rename (second, path), ==, 0);
    g_free (second);
  }
  ie_fidelity_free (options.fidelity);
  g_bytes_unref (metadata.exif);
  g_ptr_array_unref (metadata.texts);
  g_free (samples);
  g_free (path);
}

/* A profile's primaries and white are the file's: read back they are a profile of the same colours, whose matrix maps
 * to the first one's within 2e-4 of its samples from 0.1 up; a second file has the same bytes. */
static void
test_primaries (void)
{
  static const char *const names[] = { "srgb", "adobe-rgb", "display-p3", "prophoto", "rec2020" };
  char *path = place ("primaries.exr"), *second = place ("primaries-2.exr");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    GError *error = NULL;
    IeHeader header = make_header (3, 0, IE_DEPTH_FLOAT);
    IeMetadata metadata = { .icc = ie_profile_named (names[i], FALSE) };
    header.metadata = &metadata;
    float *samples = make_samples (&header, FALSE);
    for (gsize k = 0; k < count_of (&header); k++)
      samples[k] = 0.1f + fabsf (samples[k]) * 0.4f; /* near 0 the curves are steep */
    write_file (path, &header, samples, NULL);
    IeSource *source;
    float *linear = samples_of (path, &source), *back = g_new (float, count_of (&header));
    IeTransform *transform = ie_transform_new (&source->header, metadata.icc, IE_INTENT_RELATIVE, FALSE, &error);
    g_assert_no_error (error);
    IePixels in = { linear, (ptrdiff_t) row_bytes (&header), ie_rect_whole (&header), 3, FALSE, IE_DEPTH_FLOAT },
             out = in;
    out.data = back;
    ie_transform_pixels (transform, &in, &out);
    for (gsize k = 0; k < count_of (&header); k++)
      g_assert_cmpfloat_with_epsilon (back[k], samples[k], 2e-4f);
    write_file (second, &source->header, linear, NULL);
    char *a, *b;
    gsize a_size, b_size;
    g_assert_true (g_file_get_contents (path, &a, &a_size, NULL) && g_file_get_contents (second, &b, &b_size, NULL));
    g_assert_cmpmem (a, a_size, b, b_size);
    g_free (a);
    g_free (b);
    ie_transform_free (transform);
    ie_source_free (source);
    g_bytes_unref (metadata.icc);
    g_free (samples);
    g_free (linear);
    g_free (back);
  }
  g_free (path);
  g_free (second);
}

/* To a descriptor, which it takes. */
static gboolean
write_to_fd (int fd, const IeHeader *header, const void *samples, GError **error)
{
  IeFileSink *sink = ie_file_sink_new (fd, format (), NULL, error);
  gboolean good = sink && write_to (&sink->sink, header, samples, FALSE, error) && sink->finish (sink, error);
  if (sink)
    ie_sink_free (&sink->sink);
  return good;
}

static void
test_pipe (void)
{
  char *path = place ("file.exr"), *data, piped[65536];
  IeHeader header = make_header (3, 0, IE_DEPTH_U8);
  void *samples = make_samples (&header, TRUE);
  int ends[2];
  gsize size;
  GError *error = NULL;
  write_file (path, &header, samples, NULL);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpuint (size, <, sizeof piped); /* fits into a pipe */
  g_assert_cmpint (pipe (ends), ==, 0);
  write_to_fd (ends[1], &header, samples, &error);
  g_assert_no_error (error);
  gsize got = 0;
  for (gssize part; (part = read (ends[0], piped + got, sizeof piped - got)) > 0; got += (gsize) part)
    ;
  g_assert_cmpmem (piped, got, data, size);
  close (ends[0]);
  g_free (data);
  g_free (samples);
  g_free (path);
}

/* A full disk is the place's fault; a picture with rows missing, and one that OpenEXR cannot hold, are errors too. */
static void
test_failures (void)
{
  IeHeader header = make_header (3, 0, IE_DEPTH_FLOAT), inks = make_header (4, 0, IE_DEPTH_U8);
  void *samples = make_samples (&header, FALSE);
  GError *error = NULL;
  int full = open ("/dev/full", O_RDWR);
  if (full >= 0) {
    g_assert_false (write_to_fd (full, &header, samples, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_PLACE);
    g_clear_error (&error);
  }
  char *path = place ("short.exr");
  IeFileSink *sink = ie_file_sink_new (open (path, O_RDWR | O_CREAT, 0600), format (), NULL, &error);
  g_assert_true (sink->sink.begin (&sink->sink, &header, &error));
  g_assert_true (
      sink->sink.write (&sink->sink, (IeRect){ 0, 0, WIDTH, 20 }, samples, (ptrdiff_t) row_bytes (&header), &error));
  g_assert_false (sink->finish (sink, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  ie_sink_free (&sink->sink);
  sink = ie_file_sink_new (open (path, O_RDWR), format (), NULL, &error);
  g_assert_false (sink->sink.begin (&sink->sink, &inks, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
  g_clear_error (&error);
  ie_sink_free (&sink->sink);
  g_free (samples);
  g_free (path);
}

int
main (int argc, char **argv)
{
  static const ExrTest tests[] = {
    { "/exr/attributes", test_attributes },
    { "/exr/primaries", test_primaries },
    { "/exr/pipe", test_pipe },
    { "/exr/failures", test_failures },
  };
  return run_tests (argc, argv, tests, G_N_ELEMENTS (tests));
}
