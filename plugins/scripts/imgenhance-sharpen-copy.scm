; SPDX-License-Identifier: GPL-3.0-or-later
; Sharpens by lightness on a copy of the layer: colours stay, and the copy's opacity says how much.

(define (imgenhance-sharpened-copy image layer radius amount)
  (let ((copy (imgenhance-copy-layer layer)))
    (gimp-image-insert-layer image copy 0 -1)
    (gimp-item-set-name copy (imgenhance-say "Sharpened lightness"))
    (imgenhance-apply image copy
                      (string-append "unsharp radius=" (number->string radius) " amount=" (number->string amount)))
    copy))

(define (script-fu-imgenhance-sharpen-copy image drawables radius amount)
  (gimp-image-undo-group-start image)
  (imgenhance-sharpened-copy image (if (vector? drawables) (vector-ref drawables 0) drawables) radius amount)
  (gimp-image-undo-group-end image)
  (gimp-displays-flush))
