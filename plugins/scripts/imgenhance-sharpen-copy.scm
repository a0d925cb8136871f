; SPDX-License-Identifier: GPL-3.0-or-later
; Sharpens by lightness on a copy of the layer: colours stay, and the copy's opacity says how much.

(define (imgenhance-sharpened-copy image layer radius amount)
  (let ((copy (imgenhance-copy-layer layer)))
    (gimp-image-insert-layer image copy 0 -1)
    (gimp-item-set-name copy "Sharpened lightness")
    (imgenhance-apply image copy
                      (string-append "unsharp radius=" (number->string radius) " amount=" (number->string amount)))
    copy))

(define (script-fu-imgenhance-sharpen-copy image drawables radius amount)
  (gimp-image-undo-group-start image)
  (imgenhance-sharpened-copy image (if (vector? drawables) (vector-ref drawables 0) drawables) radius amount)
  (gimp-image-undo-group-end image)
  (gimp-displays-flush))

; This file may be read before imgenhance.scm.
(if (not (string=? (substring (car (gimp-version)) 0 2) "2."))
    (script-fu-register-filter "script-fu-imgenhance-sharpen-copy"
                               "Sharpen Lightness on a Copy..."
                               "Sharpens a copy of the layer by its lightness, so that colours stay"
                               "imgenhance" "imgenhance" "2026" "RGB* GRAY*" SF-ONE-DRAWABLE
                               SF-ADJUSTMENT "Radius" '(1.5 0.3 20 0.1 1 1 SF-SPINNER)
                               SF-ADJUSTMENT "Amount" '(0.6 0 5 0.1 0.5 2 SF-SPINNER))
    (script-fu-register "script-fu-imgenhance-sharpen-copy"
                        "Sharpen Lightness on a Copy..."
                        "Sharpens a copy of the layer by its lightness, so that colours stay"
                        "imgenhance" "imgenhance" "2026" "RGB* GRAY*"
                        SF-IMAGE "Image" 0
                        SF-DRAWABLE "Layer" 0
                        SF-ADJUSTMENT "Radius" '(1.5 0.3 20 0.1 1 1 SF-SPINNER)
                        SF-ADJUSTMENT "Amount" '(0.6 0 5 0.1 0.5 2 SF-SPINNER)))
(script-fu-menu-register "script-fu-imgenhance-sharpen-copy" "<Image>/Filters/imgenhance/Sharpen")
