; SPDX-License-Identifier: GPL-3.0-or-later
; What the pipelines share, and where GIMP 2.10 and GIMP 3 differ: the older one hands out ids and wants the drawable of a file
; twice, the newer one has several selected layers and takes the arguments of plug-ins by name.

(define (imgenhance-new?)
  (not (string=? (substring (car (gimp-version)) 0 2) "2.")))

; Reads a form of which one of the two knows the words only, and evaluates it.
(define (imgenhance-eval text)
  (eval (read (open-input-string text))))

; ---- files ----

(define (imgenhance-load path)
  (if (file-exists? path)
      (if (imgenhance-new?)
          (car (gimp-file-load RUN-NONINTERACTIVE path))
          (car (gimp-file-load RUN-NONINTERACTIVE path path)))
      (error (string-append path ": no such file"))))

; As the end of the name says. The file is written by GIMP: profile and metadata as GIMP keeps them.
(define (imgenhance-save image path)
  (if (imgenhance-new?)
      (gimp-file-save RUN-NONINTERACTIVE image path)
      (gimp-file-save RUN-NONINTERACTIVE image (imgenhance-layer image) path path)))

(define (imgenhance-name path)
  (let loop ((i (- (string-length path) 1)))
    (cond ((< i 0) path)
          ((char=? (string-ref path i) #\/) (substring path (+ i 1) (string-length path)))
          (else (loop (- i 1))))))

(define (imgenhance-suffix name)
  (let loop ((i (- (string-length name) 1)))
    (cond ((< i 1) "")
          ((char=? (string-ref name i) #\.) (imgenhance-lower (substring name (+ i 1) (string-length name))))
          (else (loop (- i 1))))))

(define (imgenhance-lower text)
  (list->string (map char-downcase (string->list text))))

(define (imgenhance-picture? name)
  (and (not (char=? (string-ref name 0) #\.))
       (member (imgenhance-suffix name) '("jpg" "jpeg" "png" "tif" "tiff" "webp" "bmp" "xcf" "heic" "heif" "avif" "jxl" "exr"))))

; The names of the pictures of a folder, in order.
(define (imgenhance-pictures folder)
  (if (not (and (file-exists? folder) (= (file-type folder) FILE-TYPE-DIR)))
      (error (string-append folder ": no such folder")))
  (let ((stream (dir-open-stream folder)))
    (let loop ((names '()))
      (let ((name (dir-read-entry stream)))
        (cond ((not (eof-object? name)) (loop (if (imgenhance-picture? name) (cons name names) names)))
              (else (dir-close-stream stream) (imgenhance-sort names)))))))

(define (imgenhance-insert name sorted)
  (if (or (null? sorted) (string<? name (car sorted)))
      (cons name sorted)
      (cons (car sorted) (imgenhance-insert name (cdr sorted)))))

(define (imgenhance-sort names)
  (let loop ((rest names) (sorted '()))
    (if (null? rest) sorted (loop (cdr rest) (imgenhance-insert (car rest) sorted)))))

; ---- images ----

(define (imgenhance-layer image)
  (if (imgenhance-new?)
      (vector-ref (car (gimp-image-get-selected-layers image)) 0)
      (car (gimp-image-get-active-layer image))))

(define (imgenhance-width image)
  (car (if (imgenhance-new?) (gimp-image-get-width image) (gimp-image-width image))))

(define (imgenhance-height image)
  (car (if (imgenhance-new?) (gimp-image-get-height image) (gimp-image-height image))))

(define (imgenhance-copy-layer layer)
  (car (if (imgenhance-new?) (gimp-layer-copy layer) (gimp-layer-copy layer FALSE))))

; Shrinks or enlarges to fit a square, by cubic interpolation.
(define (imgenhance-fit image side)
  (let* ((width (imgenhance-width image))
         (height (imgenhance-height image))
         (longest (max width height)))
    (gimp-context-set-interpolation INTERPOLATION-CUBIC)
    (gimp-image-scale image (max 1 (round (/ (* width side) longest))) (max 1 (round (/ (* height side) longest))))))

(define imgenhance-image #f)
(define imgenhance-drawable #f)
(define imgenhance-text #f)

; All steps of a recipe (its text, a step a line), in one run: values stay float between them.
(define (imgenhance-apply image layer recipe)
  (if (imgenhance-new?)
      (begin
        (set! imgenhance-image image)
        (set! imgenhance-drawable layer)
        (set! imgenhance-text recipe)
        (imgenhance-eval "(plug-in-imgenhance-recipe #:run-mode RUN-NONINTERACTIVE #:image imgenhance-image #:drawables (vector imgenhance-drawable) #:recipe imgenhance-text)"))
      (plug-in-imgenhance-recipe RUN-NONINTERACTIVE image layer recipe "")))

; ---- for shells ----

; Runs what a thunk does and leaves a mark in a file when it came to its end: what a shell can see of a GIMP whose exit code says
; nothing. Without the mark it failed, and GIMP has said why.
(define (imgenhance-batch mark thunk)
  (thunk)
  (let ((port (open-output-file mark)))
    (display "done" port)
    (close-output-port port)))
