; SPDX-License-Identifier: GPL-3.0-or-later
; Every picture of a folder through a recipe, into another folder. GIMP reads and writes the files: for what it alone can open.
; For all else the command imgenhance apply keeps more of a file and is faster.

(define (imgenhance-enhance-file from to recipe)
  (let ((image (imgenhance-load from)))
    (imgenhance-apply image (imgenhance-layer image) recipe)
    (imgenhance-save image to)
    (gimp-image-delete image)))

(define (script-fu-imgenhance-enhance-folder from to recipe)
  (let ((names (imgenhance-pictures from)))
    (if (null? names) (error (string-append from ": holds no picture")))
    (if (not (file-exists? to)) (error (string-append to ": no such folder")))
    (for-each (lambda (name)
                (if (file-exists? (string-append to "/" name))
                    (error (string-append to "/" name ": is there already; nothing is replaced"))))
              names)
    (for-each (lambda (name)
                (imgenhance-enhance-file (string-append from "/" name) (string-append to "/" name) recipe))
              names)))
