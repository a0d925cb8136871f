// SPDX-License-Identifier: GPL-3.0-or-later
/* How six families want their pictures: what their published preprocessing says (preprocessor_config.json of Hugging Face's
 * google/vit-large-patch16-224-in21k, openai/clip-vit-base-patch32, facebook/dinov2-base, Salesforce/blip2-itm-vit-g,
 * google/efficientnet-b7; torchvision's VGG16_Weights.IMAGENET1K_V1). */
#include <string.h>

#include "core/i18n.h"
#include "embed/sidecar-keys.h"

#define CLIP "mean = 0.48145466 0.4578275 0.40821073\nstd = 0.26862954 0.26130258 0.27577711\n"
#define IMAGENET "mean = 0.485 0.456 0.406\n"

static const struct {
  const char *name, *label, *lines;
} presets[] = {
  { "vit-l-16", N_ ("ViT-L/16 (ImageNet-21k): class token of the last hidden state, 1024 numbers"),
    "size = 224x224\nresize = bilinear\nfit = stretch\nmean = 0.5\nstd = 0.5\npooling = class-token\ndimensions = "
    "1024\n" },
  { "clip-vit-b-32", N_ ("CLIP ViT-B/32: image features, 512 numbers, and those of texts"),
    "size = 224x224\nresize = bicubic\nfit = short 224\n" CLIP
    "pooling = image-features\ndimensions = 512\ntext-length = 77\n" },
  { "dinov2-b", N_ ("DINOv2-B: class token of the last hidden state, 768 numbers"),
    "size = 224x224\nresize = bicubic\nfit = short 256\n" IMAGENET
    "std = 0.229 0.224 0.225\npooling = class-token\ndimensions = 768\n" },
  { "blip2-qformer", N_ ("BLIP-2's Q-Former: first query token, 768 numbers"),
    "size = 224x224\nresize = bicubic\nfit = stretch\n" CLIP "pooling = first-query\ndimensions = 768\n" },
  { "efficientnet-b7", N_ ("EfficientNet-b7: spatial mean of the last feature map, 2560 numbers"),
    "size = 600x600\nresize = nearest\nfit = stretch\n" IMAGENET
    "std = 0.47853944 0.4732864 0.47434163\npooling = spatial-mean\ndimensions = 2560\n" },
  { "vgg16", N_ ("VGG16: logits, 1000 numbers"),
    "size = 224x224\nresize = bilinear\nfit = short 256\ncut = even\n" IMAGENET
    "std = 0.229 0.224 0.225\npooling = logits\ndimensions = 1000\n" },
};

static const char *names[G_N_ELEMENTS (presets) + 1];

const char *const *
ie_sidecar_presets (void)
{
  static gsize made;
  if (g_once_init_enter (&made)) {
    for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
      names[i] = presets[i].name;
    g_once_init_leave (&made, 1);
  }
  return names;
}

const char *
ie_sidecar_preset_label (const char *preset)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (strcmp (presets[i].name, preset) == 0)
      return presets[i].label;
  return NULL;
}

const char *
ie_sidecar_preset (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (strcmp (presets[i].name, name) == 0)
      return presets[i].lines;
  return NULL;
}
