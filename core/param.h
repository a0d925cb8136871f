// SPDX-License-Identifier: GPL-3.0-or-later
/* Parameters: how a filter describes one, and the values of a step.
 *
 * Everything that a face shows of a parameter (an option, a slider, a GIMP argument, a line of the manual) is made from
 * IeParam; nothing is written twice. A default belongs to the version of its filter.
 */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef enum {
  IE_PARAM_FLOAT,
  IE_PARAM_INT,
  IE_PARAM_BOOL,
  IE_PARAM_ENUM,
  IE_PARAM_STRING,
  IE_PARAM_FILE,   /* a file that is not a picture */
  IE_PARAM_IMAGE,  /* a further picture: the face resolves the text (a path, a drawable) to an IeSource */
  IE_PARAM_COLOUR, /* 3 numbers, 0..1, sRGB */
  IE_PARAM_POINT,  /* 2 numbers, pixels */
  IE_PARAM_CURVE,  /* pairs x,y of 0..1, x ascending */
  IE_PARAM_LIST,   /* numbers */
  IE_PARAM_MATRIX  /* numbers, row after row, rows separated by ';' */
} IeParamType;

/* How a filter uses a picture parameter. WHOLE filters take other pictures whole; only SURVEY filters survey them. */
typedef enum {
  IE_INPUT_ALIGNED,  /* pixel by pixel beside the main picture; region() says which rectangle; same size */
  IE_INPUT_SURVEYED, /* only its statistic is used; survey add() sees it with input > 0; any size */
  IE_INPUT_WHOLE,    /* in step->whole_inputs from prepare() on, whole, as float, its channels as stored (a point spread
                        function); any size */
  IE_INPUT_SURVEYED_ALIGNED /* both: first its statistic, then pixel by pixel (a flat frame and its mean) */
} IeInputUse;

typedef enum { IE_SLIDER_LINEAR, IE_SLIDER_LOGARITHMIC } IeSliderCurve;

typedef struct {
  const char *id;    /* as typed: lower case, words joined by '-' */
  const char *label; /* title case, translatable */
} IeChoice;

typedef struct {
  const char *id;    /* as typed */
  const char *label; /* as shown; translatable */
  IeParamType type;
  const char *unit;  /* "px", "% of range", "L*", "degrees", "" */
  double initial;    /* default of float, int, bool (0|1), enum (index of the choice) */
  double min, max;   /* hard range of float and int, and of each number of a list; outside is an error that says the range */
  double slider_min, slider_max; /* what a slider spans; both 0: the hard range */
  IeSliderCurve curve;
  const char *initial_text;      /* default of every other type, in recipe text; NULL: empty */
  const IeChoice *choices;       /* enum: ended by an id of NULL */
  IeInputUse use;                /* IE_PARAM_IMAGE */
  gboolean required;             /* no default: a step without it is an error */
  const char *visible_if;        /* "id=choice|choice" of another parameter; NULL: always */
  const char *summary;           /* one line, a full sentence */
} IeParam;

/* The values of one step, in the order of the descriptor's params. */
typedef struct {
  double number;  /* float, int, bool, enum */
  char *text;     /* string, file, image; owned; NULL when empty */
  double *numbers; /* colour, point, curve, list, matrix; owned */
  int count;      /* of numbers */
  int columns;    /* matrix: numbers a row */
} IeValue;

typedef struct {
  const IeParam *params; /* the descriptor's, ended by an id of NULL */
  IeValue *values;
  int count;
} IeParams;

/* A new set with every default. Free with ie_params_free(). */
IE_API IeParams *ie_params_new (const IeParam *params);
IE_API IeParams *ie_params_copy (const IeParams *params);
IE_API void ie_params_free (IeParams *params);

/* Sets parameter `id` from text (decimal point in every locale). FALSE and error (IE_ERROR_USAGE) when the id is unknown
 * (the nearest is suggested), the text is not of its type, or the value is out of range (the range is said). */
IE_API gboolean ie_params_set (IeParams *params, const char *id, const char *text, GError **error);

/* Value of parameter i as text that ie_params_set() reads back to the same value. Free with g_free(). */
IE_API char *ie_params_text (const IeParams *params, int i);

/* The shortest text that reads back as the number, with a decimal point. g_free(). */
IE_API char *ie_number_text (double number);

/* The unit of a parameter as people read it; "" without one. Not owned. */
IE_API const char *ie_param_unit (const IeParam *param);

/* Whether parameter i holds its default. */
IE_API gboolean ie_params_is_initial (const IeParams *params, int i);

static inline double
ie_number (const IeParams *params, int i)
{
  return params->values[i].number;
}

static inline int
ie_int (const IeParams *params, int i)
{
  return (int) params->values[i].number;
}

static inline gboolean
ie_bool (const IeParams *params, int i)
{
  return params->values[i].number != 0;
}

static inline const char *
ie_text (const IeParams *params, int i)
{
  return params->values[i].text;
}

G_END_DECLS
