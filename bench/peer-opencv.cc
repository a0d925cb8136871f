// SPDX-License-Identifier: GPL-3.0-or-later
/* OpenCV's side. Buffers are reused from run to run, as a careful user of OpenCV does it. "opencv" is what a plain call
 * gives; "opencv accurate" does the same as accurately as we do, where the plain call does not. */
#include "bench/harness.h"

#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#ifdef BENCH_XIMGPROC
#include <opencv2/ximgproc/edge_filter.hpp>
#endif
#include <vector>

namespace {

/* Holds a kernel of 4 sigma: what cv::GaussianBlur takes by itself for 16 bits and float, but not for 8. */
constexpr double kernel_reach = 4;
constexpr double lightness_range = 100;
constexpr double budget = 10;
constexpr double far = 10, long_run = 2; /* a run of seconds that is ten of ours needs no second pair */

struct Job {
  cv::Mat in, out;
  cv::Mat temporary, lab, float_in, lightness, spectrum, weights, table;
  std::vector<cv::Mat> channels;
  std::function<void (Job &)> work;
};

cv::Mat
as_mat (const BenchPicture *picture)
{
  static const int depths[] = { CV_8U, CV_16U, CV_32F };
  return cv::Mat (picture->height, picture->width, CV_MAKETYPE (depths[picture->depth], picture->channels),
                  picture->data);
}

double
range_of (BenchDepth depth)
{
  return depth == BENCH_U8 ? 255 : depth == BENCH_U16 ? 65535 : 1;
}

void
run (gpointer state)
{
  Job *job = static_cast<Job *> (state);
  uchar *place = job->out.data;
  job->work (*job);
  if (job->out.data != place)
    g_error ("OpenCV has put its result elsewhere");
}

void
close (gpointer state)
{
  delete static_cast<Job *> (state);
}

void
note (BenchJob *job, const char *text)
{
  g_strlcpy (job->note, text, sizeof job->note);
}

/* 8 bits and gamma: a table; linear: convertTo, which saturates; 16 bits and gamma: through float. */
bool
open_levels (const BenchRow *row, Job *job)
{
  double range = range_of (row->depth), black = row->numbers[0], white = row->numbers[1], gamma = row->numbers[2];
  double scale = 1 / (white - black);
  if (row->depth == BENCH_U8) {
    job->table.create (1, 256, CV_8U);
    for (int k = 0; k < 256; k++)
      job->table.at<uchar> (k) = static_cast<uchar> (255 * bench_levels_value (row, k / 255.0) + 0.5);
    job->work = [] (Job &j) { cv::LUT (j.in, j.table, j.out); };
  } else if (gamma == 1)
    job->work = [=] (Job &j) { j.in.convertTo (j.out, j.in.type (), scale, -black * scale * range); };
  else
    job->work = [=] (Job &j) {
      j.in.convertTo (j.temporary, CV_32F, scale / range, -black * scale);
      cv::max (j.temporary, 0, j.temporary);
      cv::min (j.temporary, 1, j.temporary);
      cv::pow (j.temporary, 1 / gamma, j.temporary);
      j.temporary.convertTo (j.out, CV_16U, range);
    };
  return true;
}

cv::Size
accurate_kernel (double sigma)
{
  int side = 2 * static_cast<int> (std::ceil (kernel_reach * sigma)) + 1;
  return cv::Size (side, side);
}

/* Size (0, 0): OpenCV chooses: 3 sigma at 8 bits, 4 else. */
bool
open_gaussian (const BenchRow *row, bool accurate, Job *job)
{
  double sigma = row->numbers[0];
  cv::Size size = accurate ? accurate_kernel (sigma) : cv::Size (0, 0);
  job->work = [=] (Job &j) { cv::GaussianBlur (j.in, j.out, size, sigma, sigma, cv::BORDER_REFLECT_101); };
  return !accurate || row->depth == BENCH_U8;
}

bool
open_unsharp (const BenchRow *row, bool accurate, Job *job)
{
  double sigma = row->numbers[0], amount = row->numbers[1];
  cv::Size size = accurate ? accurate_kernel (sigma) : cv::Size (0, 0);
  job->work = [=] (Job &j) {
    cv::GaussianBlur (j.in, j.temporary, size, sigma, sigma, cv::BORDER_REFLECT_101);
    cv::addWeighted (j.in, 1 + amount, j.temporary, -amount, 0, j.out);
  };
  return !accurate || row->depth == BENCH_U8;
}

/* 16 bits and float: windows of 3 and 5 only. */
bool
open_median (const BenchRow *row, Job *job)
{
  int side = 2 * static_cast<int> (row->numbers[0]) + 1;
  job->work = [=] (Job &j) { cv::medianBlur (j.in, j.out, side); };
  return row->depth == BENCH_U8 || side <= 5;
}

bool
open_nlmeans (const BenchRow *row, Job *job)
{
  float noise = static_cast<float> (row->numbers[0]);
  int patch = static_cast<int> (row->numbers[1]), window = static_cast<int> (row->numbers[2]);
  job->work = [=] (Job &j) { cv::fastNlMeansDenoising (j.in, j.out, noise, patch, window); };
  return row->depth == BENCH_U8;
}

/* 16 bits: through float, which is what bilateralFilter takes besides 8 bits. */
bool
open_bilateral (const BenchRow *row, Job *job)
{
  int diameter = static_cast<int> (row->numbers[0]);
  double range = range_of (row->depth), space = row->numbers[2];
  double colour = row->numbers[1] / 100 * row->channels * (row->depth == BENCH_U8 ? range : 1);
  if (row->depth == BENCH_U16)
    job->work = [=] (Job &j) {
      j.in.convertTo (j.float_in, CV_32F, 1 / range);
      cv::bilateralFilter (j.float_in, j.temporary, diameter, colour, space, cv::BORDER_REFLECT_101);
      j.temporary.convertTo (j.out, CV_16U, range);
    };
  else
    job->work = [=] (Job &j) { cv::bilateralFilter (j.in, j.out, diameter, colour, space, cv::BORDER_REFLECT_101); };
  return true;
}

#ifdef BENCH_XIMGPROC
/* The formula that our fast method approximates: differences of the mean of the channels, here rounded to 8 bits. */
bool
open_bilateral_of_luma (const BenchRow *row, Job *job)
{
  double luma = row->numbers[1] / 100 * range_of (row->depth), space = row->numbers[2];
  cv::Matx13f mean (1 / 3.0f, 1 / 3.0f, 1 / 3.0f);
  job->work = [=] (Job &j) {
    cv::transform (j.in, j.lightness, mean);
    cv::ximgproc::jointBilateralFilter (j.lightness, j.in, j.out, -1, luma, space, cv::BORDER_REFLECT_101);
  };
  return row->depth == BENCH_U8 && row->numbers[0] == 0;
}
#endif

bool
open_box (const BenchRow *row, Job *job)
{
  int side = 2 * static_cast<int> (row->numbers[0]) + 1;
  job->work = [=] (Job &j) {
    cv::blur (j.in, j.out, cv::Size (side, side), cv::Point (-1, -1), cv::BORDER_REFLECT_101);
  };
  return true;
}

bool
open_canny (const BenchRow *row, Job *job)
{
  double sigma = row->numbers[0], low = row->numbers[1], high = row->numbers[2];
  job->work = [=] (Job &j) {
    cv::GaussianBlur (j.in, j.temporary, cv::Size (0, 0), sigma, sigma, cv::BORDER_REFLECT_101);
    cv::Canny (j.temporary, j.out, low, high, 3, false);
  };
  return row->depth == BENCH_U8;
}

bool
open_sobel (const BenchRow *row, Job *job)
{
  double amount = row->numbers[0];
  job->work = [=] (Job &j) {
    cv::Sobel (j.in, j.temporary, CV_32F, 1, 0, 3, amount / 4, 0, cv::BORDER_REFLECT_101);
    cv::Sobel (j.in, j.float_in, CV_32F, 0, 1, 3, amount / 4, 0, cv::BORDER_REFLECT_101);
    cv::magnitude (j.temporary, j.float_in, j.float_in);
    j.float_in.convertTo (j.out, j.out.type ());
  };
  return true;
}

bool
open_equalize (const BenchRow *row, Job *job)
{
  job->work = [] (Job &j) { cv::equalizeHist (j.in, j.out); };
  return row->depth == BENCH_U8;
}

/* Lab at 8 bits loses colours, but is what nearly everybody writes. */
bool
open_lightness_8 (const BenchRow *row, Job *job)
{
  job->work = [] (Job &j) {
    cv::cvtColor (j.in, j.lab, cv::COLOR_RGB2Lab);
    cv::extractChannel (j.lab, j.lightness, 0);
    cv::equalizeHist (j.lightness, j.lightness);
    cv::insertChannel (j.lightness, j.lab, 0);
    cv::cvtColor (j.lab, j.out, cv::COLOR_Lab2RGB);
  };
  return row->depth == BENCH_U8;
}

bool
open_lightness_float (const BenchRow *row, Job *job)
{
  double range = range_of (row->depth);
  job->work = [=] (Job &j) {
    j.in.convertTo (j.float_in, CV_32F, 1 / range);
    cv::cvtColor (j.float_in, j.lab, cv::COLOR_RGB2Lab);
    cv::extractChannel (j.lab, j.temporary, 0);
    j.temporary.convertTo (j.lightness, CV_8U, 255 / lightness_range);
    cv::equalizeHist (j.lightness, j.lightness);
    j.lightness.convertTo (j.temporary, CV_32F, lightness_range / 255);
    cv::insertChannel (j.temporary, j.lab, 0);
    cv::cvtColor (j.lab, j.float_in, cv::COLOR_Lab2RGB);
    j.float_in.convertTo (j.out, j.out.type (), range);
  };
  return true;
}

cv::Ptr<cv::CLAHE>
make_clahe (const BenchRow *row)
{
  int tiles = static_cast<int> (row->numbers[0]);
  return cv::createCLAHE (row->numbers[1], cv::Size (tiles, tiles));
}

bool
open_clahe (const BenchRow *row, Job *job)
{
  cv::Ptr<cv::CLAHE> clahe = make_clahe (row);
  job->work = [=] (Job &j) { clahe->apply (j.in, j.out); };
  return row->depth != BENCH_FLOAT;
}

bool
open_clahe_lightness_8 (const BenchRow *row, Job *job)
{
  cv::Ptr<cv::CLAHE> clahe = make_clahe (row);
  job->work = [=] (Job &j) {
    cv::cvtColor (j.in, j.lab, cv::COLOR_RGB2Lab);
    cv::extractChannel (j.lab, j.lightness, 0);
    clahe->apply (j.lightness, j.lightness);
    cv::insertChannel (j.lightness, j.lab, 0);
    cv::cvtColor (j.lab, j.out, cv::COLOR_Lab2RGB);
  };
  return row->depth == BENCH_U8;
}

/* CLAHE takes 16 bits, so that nothing is lost on the way. */
bool
open_clahe_lightness_float (const BenchRow *row, Job *job)
{
  cv::Ptr<cv::CLAHE> clahe = make_clahe (row);
  double range = range_of (row->depth);
  job->work = [=] (Job &j) {
    j.in.convertTo (j.float_in, CV_32F, 1 / range);
    cv::cvtColor (j.float_in, j.lab, cv::COLOR_RGB2Lab);
    cv::extractChannel (j.lab, j.temporary, 0);
    j.temporary.convertTo (j.lightness, CV_16U, 65535 / lightness_range);
    clahe->apply (j.lightness, j.lightness);
    j.lightness.convertTo (j.temporary, CV_32F, lightness_range / 65535);
    cv::insertChannel (j.temporary, j.lab, 0);
    cv::cvtColor (j.lab, j.float_in, cv::COLOR_Lab2RGB);
    j.float_in.convertTo (j.out, j.out.type (), range);
  };
  return true;
}

/* What the three steps of BENCH_LOOK are with Lab at 8 bits. */
bool
open_look (const BenchRow *row, Job *job)
{
  static const double black = 0.02, white = 0.97, sigma = 1.5, amount = 0.5; /* as in the recipe */
  cv::Ptr<cv::CLAHE> clahe = make_clahe (row);
  job->table.create (1, 256, CV_8U);
  for (int k = 0; k < 256; k++) {
    double value = std::min (std::max ((k / 255.0 - black) / (white - black), 0.0), 1.0);
    job->table.at<uchar> (k) = static_cast<uchar> (255 * value + 0.5);
  }
  job->work = [=] (Job &j) {
    cv::cvtColor (j.in, j.lab, cv::COLOR_RGB2Lab);
    cv::extractChannel (j.lab, j.lightness, 0);
    clahe->apply (j.lightness, j.lightness);
    cv::GaussianBlur (j.lightness, j.temporary, cv::Size (0, 0), sigma, sigma, cv::BORDER_REFLECT_101);
    cv::addWeighted (j.lightness, 1 + amount, j.temporary, -amount, 0, j.lightness);
    cv::insertChannel (j.lightness, j.lab, 0);
    cv::cvtColor (j.lab, j.out, cv::COLOR_Lab2RGB);
    cv::LUT (j.out, j.table, j.out);
  };
  return row->depth == BENCH_U8;
}

bool
open_lab_8 (const BenchRow *row, Job *job)
{
  job->work = [] (Job &j) {
    cv::cvtColor (j.in, j.lab, cv::COLOR_RGB2Lab);
    cv::cvtColor (j.lab, j.out, cv::COLOR_Lab2RGB);
  };
  return row->depth != BENCH_U16;
}

bool
open_lab_float (const BenchRow *row, Job *job)
{
  double range = range_of (row->depth);
  job->work = [=] (Job &j) {
    j.in.convertTo (j.float_in, CV_32F, 1 / range);
    cv::cvtColor (j.float_in, j.lab, cv::COLOR_RGB2Lab);
    cv::cvtColor (j.lab, j.float_in, cv::COLOR_Lab2RGB);
    j.float_in.convertTo (j.out, j.out.type (), range);
  };
  return row->depth != BENCH_FLOAT;
}

/* The weights in the packed layout (CCS) of a real picture's spectrum, real parts only, so that mulSpectrums does half the
 * work of a full complex spectrum. The first column, and the last of an even width, hold the two real columns of the
 * spectrum, packed downwards in the same way; between them real and imaginary parts alternate along the row. */
cv::Mat
packed_weights (const BenchRow *row, int width, int height)
{
  cv::Mat weights = cv::Mat::zeros (height, width, CV_32F);
  for (int y = 0; y < height; y++) {
    double fy = static_cast<double> (y <= height / 2 ? y : y - height) / height;
    for (int x = 1; x <= (width - 1) / 2; x++)
      weights.at<float> (y, 2 * x - 1) =
          static_cast<float> (bench_bandpass_weight (row, static_cast<double> (x) / width, fy));
  }
  for (int y = 0; y <= height / 2; y++) {
    int place = y == 0 ? 0 : 2 * y - 1;
    double fy = static_cast<double> (y) / height;
    weights.at<float> (place, 0) = static_cast<float> (bench_bandpass_weight (row, 0, fy));
    if (width % 2 == 0)
      weights.at<float> (place, width - 1) = static_cast<float> (bench_bandpass_weight (row, 0.5, fy));
  }
  return weights;
}

bool
open_bandpass (const BenchRow *row, const BenchPicture *in, Job *job)
{
  job->weights = packed_weights (row, in->width, in->height);
  job->work = [] (Job &j) {
    cv::dft (j.in, j.spectrum);
    cv::mulSpectrums (j.spectrum, j.weights, j.spectrum, 0);
    cv::idft (j.spectrum, j.out, cv::DFT_SCALE | cv::DFT_REAL_OUTPUT);
  };
  return row->depth == BENCH_FLOAT;
}

/* The same on logarithms. Places that OpenCV reuses: none is made anew from run to run. */
bool
open_homomorphic (const BenchRow *row, const BenchPicture *in, Job *job)
{
  job->weights = packed_weights (row, in->width, in->height);
  job->work = [] (Job &j) {
    j.in.convertTo (j.float_in, CV_32F, 1, 1.0 / 255);
    cv::log (j.float_in, j.float_in);
    cv::dft (j.float_in, j.spectrum);
    cv::mulSpectrums (j.spectrum, j.weights, j.spectrum, 0);
    cv::idft (j.spectrum, j.float_in, cv::DFT_SCALE | cv::DFT_REAL_OUTPUT);
    cv::exp (j.float_in, j.float_in);
    j.float_in.convertTo (j.out, CV_32F, 1, -1.0 / 255);
  };
  return row->depth == BENCH_FLOAT;
}

/* The cosine transform mirrors the picture at its edges, as ours does; a Fourier transform wraps it around. */
bool
open_bandpass_mirrored (const BenchRow *row, const BenchPicture *in, Job *job)
{
  job->weights.create (in->height, in->width, CV_32F);
  for (int y = 0; y < in->height; y++)
    for (int x = 0; x < in->width; x++)
      job->weights.at<float> (y, x) =
          static_cast<float> (bench_bandpass_weight (row, x / (2.0 * in->width), y / (2.0 * in->height)));
  job->work = [] (Job &j) {
    cv::dct (j.in, j.spectrum);
    cv::multiply (j.spectrum, j.weights, j.spectrum);
    cv::idct (j.spectrum, j.out);
  };
  return row->depth == BENCH_FLOAT && in->width % 2 == 0 && in->height % 2 == 0;
}

bool
choose_plain (const BenchRow *row, const BenchPicture *in, Job *job, BenchJob *bench)
{
  bool bytes = row->depth == BENCH_U8;
  switch (row->operation) {
  case BENCH_LEVELS:
    return open_levels (row, job);
  case BENCH_GAUSSIAN:
    note (bench, bytes ? "OpenCV's own kernel, cut at 3 sigma" : "OpenCV's own kernel, cut at 4 sigma");
    return open_gaussian (row, false, job);
  case BENCH_UNSHARP:
    note (bench, bytes ? "kernel cut at 3 sigma; the blur is rounded to 8 bits in between" : "kernel cut at 4 sigma");
    return open_unsharp (row, false, job);
  case BENCH_MEDIAN:
    note (bench, "the same inside; OpenCV repeats the border's pixels where we mirror");
    return open_median (row, job);
  case BENCH_BILATERAL:
    note (bench, row->numbers[0] != 0 ? "the same" : "another formula: differences of all channels; window of 1.5 sigma");
    return open_bilateral (row, job);
  case BENCH_NLMEANS:
    note (bench, "patches and window of the same size, another weight");
    return open_nlmeans (row, job);
  case BENCH_BOX:
    return open_box (row, job);
  case BENCH_CANNY:
    note (bench, "the blur is cut at 3 sigma and rounded to 8 bits in between");
    return open_canny (row, job);
  case BENCH_SOBEL:
    note (bench, "the same, through float");
    return open_sobel (row, job);
  case BENCH_EQUALIZE:
    return open_equalize (row, job);
  case BENCH_EQUALIZE_LIGHTNESS:
    note (bench, bytes ? "Lab at 8 bits: less work, colours lost" : "L* at 8 bits for the histogram and the result");
    return bytes ? open_lightness_8 (row, job) : open_lightness_float (row, job);
  case BENCH_LAB:
    note (bench, bytes ? "Lab at 8 bits: less work, colours lost" : "D65 white");
    return row->depth == BENCH_U16 ? open_lab_float (row, job) : open_lab_8 (row, job);
  case BENCH_CLAHE:
    note (bench, bytes ? "tables of 8 bits" : "65,536 bins a tile, whose residual is not spread evenly");
    return open_clahe (row, job);
  case BENCH_CLAHE_LIGHTNESS:
    note (bench, bytes ? "Lab at 8 bits: less work, colours lost" : "L* at 16 bits for the tables and the result");
    return bytes ? open_clahe_lightness_8 (row, job) : open_clahe_lightness_float (row, job);
  case BENCH_LOOK:
    note (bench, "CLAHE on L* alone, Lab at 8 bits: 1.54 is 1.3 times half its time");
    return open_clahe_lightness_8 (row, job);
  case BENCH_HOMOMORPHIC:
    note (bench, "wraps around where we mirror; weights made beforehand, not timed");
    return open_homomorphic (row, in, job);
  case BENCH_BANDPASS:
    note (bench, "wraps around where we mirror; weights made beforehand, not timed");
    return open_bandpass (row, in, job);
  }
  return false;
}

bool
choose_accurate (const BenchRow *row, const BenchPicture *in, Job *job, BenchJob *bench)
{
  if (row->operation == BENCH_BANDPASS) {
    note (bench, "cosine transform, mirrored as ours; weights made beforehand, not timed");
    return open_bandpass_mirrored (row, in, job);
  }
  if (row->depth != BENCH_U8)
    return false;
  switch (row->operation) {
  case BENCH_GAUSSIAN:
    note (bench, "kernel that holds 4 sigma");
    return open_gaussian (row, true, job);
  case BENCH_UNSHARP:
    note (bench, "kernel that holds 4 sigma; the blur is rounded to 8 bits in between");
    return open_unsharp (row, true, job);
  case BENCH_EQUALIZE_LIGHTNESS:
    note (bench, "Lab in float, L* at 8 bits for the histogram and the result");
    return open_lightness_float (row, job);
  case BENCH_CLAHE_LIGHTNESS:
    note (bench, "Lab in float, L* at 16 bits for the tables and the result");
    return open_clahe_lightness_float (row, job);
  case BENCH_LOOK:
    note (bench, "all three steps, Lab at 8 bits: colours lost");
    return open_look (row, job);
  case BENCH_LAB:
    note (bench, "Lab in float, D65 white");
    return open_lab_float (row, job);
#ifdef BENCH_XIMGPROC
  case BENCH_BILATERAL:
    note (bench, "the same formula (differences of luma), window of 1.5 sigma");
    return open_bilateral_of_luma (row, job);
#endif
  default:
    return false;
  }
}

gboolean
open_side (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, bool accurate, BenchJob *bench)
{
  Job *job = new Job;
  job->in = as_mat (in);
  job->out = as_mat (out);
  bench->state = job;
  bench->run = run;
  bench->close = close;
  cv::setNumThreads (threads);
  if (accurate ? choose_accurate (row, in, job, bench) : choose_plain (row, in, job, bench))
    return TRUE;
  delete job;
  return FALSE;
}

gboolean
open_plain (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, false, job);
}

gboolean
open_accurate (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, true, job);
}

} // namespace

extern "C" {
extern const BenchSide bench_opencv = { "opencv", BENCH_REFERENCE, budget, far, long_run, open_plain };
extern const BenchSide bench_opencv_accurate = { "opencv accurate", BENCH_PEER, budget, far, long_run, open_accurate };

const char *
bench_opencv_version (void)
{
  return CV_VERSION;
}
}
