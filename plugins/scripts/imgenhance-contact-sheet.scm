; SPDX-License-Identifier: GPL-3.0-or-later
; A contact sheet: each picture of a folder before and after a recipe, side by side, with its name under it.

(define imgenhance-cell-gap 8)
(define imgenhance-cell-text 16)

; Puts an image's picture into the sheet.
(define (imgenhance-put-picture sheet image x y)
  (let ((layer (car (gimp-layer-new-from-drawable (car (gimp-image-flatten image)) sheet))))
    (gimp-image-insert-layer sheet layer 0 -1)
    (gimp-layer-set-offsets layer x y)))

(define (imgenhance-put-name sheet name x y)
  (gimp-context-set-foreground '(32 32 32))
  (let ((font (car (gimp-context-get-font))))
    (if (imgenhance-new?)
        (gimp-text-font sheet -1 x y name 0 TRUE 11 font)
        (gimp-text-fontname sheet -1 x y name 0 TRUE 11 PIXELS font))))

; A pair: the picture as it is, and through the recipe at its full size, then both shrunk alike.
(define (imgenhance-put-pair sheet path recipe side x y)
  (let ((before (imgenhance-load path))
        (after (imgenhance-load path)))
    (imgenhance-apply after (imgenhance-layer after) recipe)
    (imgenhance-fit before side)
    (imgenhance-fit after side)
    (imgenhance-put-picture sheet before x y)
    (imgenhance-put-picture sheet after (+ x side imgenhance-cell-gap) y)
    (imgenhance-put-name sheet (imgenhance-name path) x (+ y (imgenhance-height before) 1))
    (gimp-image-delete before)
    (gimp-image-delete after)))

(define (imgenhance-new-sheet width height)
  (let* ((sheet (car (gimp-image-new width height RGB)))
         (paper (if (imgenhance-new?)
                    (car (gimp-layer-new sheet "Paper" width height RGB-IMAGE 100 LAYER-MODE-NORMAL))
                    (car (gimp-layer-new sheet width height RGB-IMAGE "Paper" 100 LAYER-MODE-NORMAL)))))
    (gimp-image-insert-layer sheet paper 0 -1)
    (gimp-context-set-background '(255 255 255))
    (gimp-drawable-fill paper FILL-BACKGROUND)
    sheet))

(define (script-fu-imgenhance-contact-sheet from to recipe side)
  (let* ((names (imgenhance-pictures from))
         (columns (min 3 (max 1 (length names))))
         (rows (quotient (+ (length names) columns -1) columns))
         (cell-width (+ (* 2 side) (* 3 imgenhance-cell-gap)))
         (cell-height (+ side imgenhance-cell-text (* 2 imgenhance-cell-gap))))
    (if (null? names) (error (string-append from ": holds no picture")))
    (gimp-context-push)
    (let ((sheet (imgenhance-new-sheet (* columns cell-width) (* rows cell-height))))
      (let loop ((rest names) (i 0))
        (if (pair? rest)
            (begin
              (imgenhance-put-pair sheet (string-append from "/" (car rest)) recipe side
                                   (+ (* (modulo i columns) cell-width) imgenhance-cell-gap)
                                   (+ (* (quotient i columns) cell-height) imgenhance-cell-gap))
              (loop (cdr rest) (+ i 1)))))
      (gimp-image-flatten sheet)
      (imgenhance-save sheet to)
      (gimp-image-delete sheet))
    (gimp-context-pop)))
